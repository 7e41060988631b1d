import { expect, test } from 'vitest';
import { detailOf, type Names, objectOf } from './trailwords';

const of = (known: Record<string, string>) => (id: string) => known[id] ?? id;
const names: Names = {
  agent: of({ 'agent-1': '王一' }),
  queue: of({ sales: '销售组' }),
  person: of({ 'id-1': 'chief' }),
  state: of({ 'not-ready': '示忙' }),
  reason: of({ meeting: '会议' }),
  role: of({ admin: '管理员' }),
  waiting: of({ queue: '转到其他队列' }),
  everybody: '全体',
  centre: '整个中心',
  asConfigured: '恢复为配置',
  version: (n) => `版本 ${n}`,
  call: '通话',
  recording: '录音',
  callback: of({ b1: '13800138009' }),
  token: '令牌',
};

const object = (what: string, id: string) => objectOf({ what, object: id }, names);
const detail = (what: string, text: string) => detailOf({ what, detail: text }, names).text;

test('what a line is about is called by its name, and has its id beside', () => {
  expect(object('agent.state', 'agent-1')).toEqual({ text: '王一', id: 'agent-1' });
  expect(object('queue.close', 'sales').text).toBe('销售组');
  expect(object('queue.open', 'all').text).toBe('整个中心');
  expect(object('person.change', 'id-1').text).toBe('chief');
  expect(object('config.publish', 'version 12').text).toBe('版本 12');
  expect(object('callback.cancel', 'b1')).toEqual({ text: '13800138009', to: '/callbacks', id: 'b1' });
  expect(object('token.revoke', 't1')).toEqual({ text: '令牌', to: '/tokens', id: 't1' });
  expect(object('message.send', 'agent-1 sales ').text).toBe('王一 · 销售组');
  expect(object('message.send', 'all').text).toBe('全体');
  expect(object('call.listen', 'c1')).toEqual({ text: '通话', to: '/calls/c1', id: 'c1' });
  expect(object('recording.listen', 'c1-2')).toEqual({ text: '录音', to: '/calls/c1', id: 'c1-2' });
});

test('what is gone, and what has no name, stays an id', () => {
  expect(object('agent.state', 'agent-9')).toEqual({ text: 'agent-9' });
  expect(object('prompt.remove', 'zh/welcome')).toEqual({ text: 'zh/welcome' });
  expect(object('login', '')).toEqual({ text: '' });
});

test('the codes of a detail are words', () => {
  expect(detail('agent.state', 'not-ready meeting')).toBe('示忙 · 会议');
  expect(detail('agent.state', 'ready')).toBe('ready');
  expect(detail('agent.membership', '+sales=2 -other skills +english=1')).toBe('+销售组=2 -other · +english=1');
  expect(detail('agent.membership', 'skills +english=1')).toBe('+english=1');
  expect(detail('agent.membership', 'as configured')).toBe('恢复为配置');
  expect(detail('queue.close', 'queue, sales, 请稍后')).toBe('转到其他队列 · 销售组 · 请稍后');
  expect(detail('call.listen', 'agent-1, following')).toBe('王一, following');
  expect(detail('callback.add', 'sales')).toBe('销售组');
  expect(detail('token.revoke', 'admin crm')).toBe('管理员 crm');
  expect(detail('person.create', 'admin chief')).toBe('管理员 chief');
  expect(detail('login.refused', 'admin')).toBe('admin');
});
