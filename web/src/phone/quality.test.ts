import { expect, test } from 'vitest';
import { mos, qualityOf } from './quality';

test('the score falls with delay and with loss', () => {
  expect(mos(20, 1, 0)).toBeGreaterThan(4.3);
  expect(mos(20, 1, 0.05)).toBeLessThan(mos(20, 1, 0.01));
  expect(mos(600, 1, 0)).toBeLessThan(mos(100, 1, 0));
  expect(mos(20, 1, 1)).toBeLessThan(2);
  expect(mos(5000, 500, 1)).toBe(1);
});

test('statistics become figures', () => {
  const all = [
    { type: 'inbound-rtp', id: 'i', jitter: 0.004, packetsLost: 1, packetsReceived: 99, codecId: 'c' },
    { type: 'candidate-pair', id: 'p', nominated: true, state: 'succeeded', currentRoundTripTime: 0.05, localCandidateId: 'l' },
    { type: 'local-candidate', id: 'l', protocol: 'udp' },
    { type: 'codec', id: 'c', mimeType: 'audio/PCMA' },
  ];
  expect(qualityOf(all)).toMatchObject({ rtt: 50, jitter: 4, loss: 0.01, way: 'udp', codec: 'PCMA' });
  expect(qualityOf(all.slice(1))).toBeUndefined();
});
