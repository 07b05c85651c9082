// Signatures: the right secret over these bytes at this time, and nothing else.
import { describe, expect, it } from 'vitest';
import { sign, verify } from '../../../adapters/channels/signature.ts';

const NOW = 1_795_000_000_000;
const at = (ms: number) => String(Math.floor(ms / 1_000));
const body = '{"batchId":"b-1"}';
const signed = { timestamp: at(NOW), signature: sign('secret', at(NOW), body) };

describe('signature', () => {
  it('is HMAC-SHA256 over timestamp, dot, raw body', () => {
    // printf '%s' '1795000000.{"batchId":"b-1"}' | openssl dgst -sha256 -hmac secret
    expect(signed.signature).toBe('v1=fbb090e7876a46fbca441490aaad2be0a97f757e17dc7c8b57fa896f7c3aacae');
    expect(verify(['secret'], signed, Buffer.from(body), NOW)).toBe(true);
  });

  it.each<[string, readonly string[], { timestamp?: string; signature?: string | undefined }, string, number]>([
    ['another secret', ['other'], {}, body, NOW],
    ['a changed byte', ['secret'], {}, `${body} `, NOW],
    ['another time', ['secret'], { timestamp: at(NOW + 1_000) }, body, NOW],
    ['too old', ['secret'], {}, body, NOW + 301_000],
    ['from the future', ['secret'], {}, body, NOW - 301_000],
    ['no signature', ['secret'], { signature: undefined }, body, NOW],
    ['an empty one', ['secret'], { signature: '' }, body, NOW],
    ['a time that is none', ['secret'], { timestamp: '1e9' }, body, NOW],
    ['no secret', [], {}, body, NOW],
  ])('is refused with %s', (_, secrets, change, text, now) => {
    expect(verify(secrets, { ...signed, ...change }, text, now)).toBe(false);
  });

  it('passes with any of several secrets and any of several signatures', () => {
    const signature = `${sign('older', signed.timestamp, body)}, ${signed.signature}`;
    expect(verify(['newer', 'secret'], { ...signed, signature }, body, NOW)).toBe(true);
  });
});
