import { expect, test } from 'vitest';
import { inChinese } from './refusals';
import { parts, refusals } from './refusals.zh';

test('a sentence is said in Chinese, with its values in their places', () => {
  for (const [said, want] of [
    ['There is no such queue.', '没有这个队列'],
    ['The server answered 503.', '服务器出错（503）'],
    ['The password needs at least 10 characters.', '密码至少 10 个字符'],
    ['This takes the role admin.', '需要管理员权限'],
    ['A ticket that is closed cannot become pending.', '已关闭的工单不能改为待处理'],
    ['there is no queue "nord"; there is gz, bj', '没有队列“nord”；现有：gz, bj'],
    ['menu node greet has no key "kyes": it knows keys, on', '节点 greet（menu）没有键“kyes”：可用 keys, on'],
    ['"max" of collect node pin is "x": write a whole number from 1 to 30', '节点 pin（collect）的“max”是“x”：应为 1 到 30 的整数'],
    ['number 2 (40X): can never apply: number 1 is the same', '号码 2（40X）用不到：与号码 1 相同'],
    ['amy: The password is one character over and over.', 'amy：密码不能全是同一个字符'],
    ['an error that nobody has met before', 'an error that nobody has met before'],
  ] as const)
    expect(inChinese(said)).toBe(want);
});

test('what a person wrote stays as it is', () => {
  expect(inChinese('"queue" is no telephone number')).toBe('“queue”不是电话号码');
});

test('the words take no value that the sentence has not', () => {
  for (const [said, words] of [...Object.entries(refusals), ...Object.entries(parts)]) {
    const values = said.match(/%[sqdv]/g)?.length ?? 0;
    const taken = [...words.matchAll(/\{(\d)\}/g)].map((m) => Number(m[1]));
    for (const n of taken) expect(n, said).toBeLessThanOrEqual(values);
    expect(words, said).not.toMatch(/%[sqdv]/);
  }
});
