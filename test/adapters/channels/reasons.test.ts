// A secret that a channel sends back is not shown, also where somebody cut it before.
import { describe, expect, it } from 'vitest';
import { createConfidence } from '../../../adapters/channels/reasons.ts';
import { canarySecret } from '../../support/canary.ts';

const SECRET = canarySecret('shop');

describe('a reason', () => {
  const { conceal, clean } = createConfidence();
  conceal(SECRET);
  conceal(`${SECRET}-next`);
  const basic = Buffer.from(`user:${SECRET}`).toString('base64');
  conceal(basic);

  it.each([
    ['as it is', `no ${SECRET} here`, 'no [secret] here'],
    ['twice', `${SECRET} ${SECRET}`, '[secret] [secret]'],
    ['of two that begin alike, the longer', `${SECRET}-next!`, '[secret]!'],
    ['cut by the channel', `no ${SECRET.slice(0, 20)}`, 'no [secret]'],
    ['cut, and going on with something else', `no ${SECRET.slice(0, 20)}… refused`, 'no [secret]… refused'],
    ['in base64, cut', `Basic ${basic.slice(0, 30)}`, 'Basic [secret]'],
    ['a word of it', `no ${SECRET.slice(0, 6)}`, `no ${SECRET.slice(0, 6)}`],
  ])('%s', (_, given, shown) => {
    expect(clean(given)).toBe(shown);
  });
});
