import { expect, test } from 'vitest';
import { linesOf } from './scriptlines';

test('steps are told from what is read', () => {
  expect(linesOf('您好,这里是客服。\n\n- 核对订单号\n  - 说明到账时间\n-5 元优惠\n')).toEqual([
    { at: 0, step: false, text: '您好,这里是客服。' },
    { at: 1, step: false, text: '' },
    { at: 2, step: true, text: '核对订单号' },
    { at: 3, step: true, text: '说明到账时间' },
    { at: 4, step: false, text: '-5 元优惠' },
  ]);
});
