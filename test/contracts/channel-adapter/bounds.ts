// What an adapter holds against a channel that sends garbage, never ends, or echoes what it was sent: it does not throw,
// claims nothing, stops when told, reads so much and no more, and gives no secret away.
import { expect } from 'vitest';
import type { FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import { asked, type Check, claims, reasonsOf, tell, updatesOf } from './asking.ts';
import type { ChannelRig } from './rig.ts';

export const GARBAGE: readonly (readonly [name: string, body: string])[] = [
  ['nothing', ''],
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"done"'],
  ['an empty object', '{}'],
  ['a page', '<html><body>OK</body></html>'],
  ['half of an object', '{"a":'],
  ['something deep', '['.repeat(50_000)],
  ['a prototype', '{"__proto__":{"ok":true},"constructor":{"prototype":1}}'],
  ['lists of nothing', '{"results":[null,7,"x",{}],"data":[null],"update":[null,7,{}],"errors":null,"responses":[{}]}'],
  ['what JSON cannot hold', '{"a":NaN}'],
  ['a byte order mark', '\ufeff{}'],
];

/** Bodies that are an empty object, with a mark before it or not. */
export const isEmptyObject = (name: string): boolean => name === 'an empty object' || name === 'a byte order mark';

const garbage: Check = {
  name: 'garbage: whatever a success says, what cannot be read is unknown',
  async run(rig) {
    const updates = await updatesOf(rig, 2, (n) => 40 + n);
    for (const [name, body] of GARBAGE) {
      rig.setFaults({ kind: 'answer', answer: { body }, on: ['publish'] });
      const reply = await tell(rig, updates);
      expect(new Set(claims(reply, updates)), `${name}: ${JSON.stringify(reply)}`).toEqual(new Set(['unknown']));
    }
  },
};

const STATUSES = [
  201, 202, 204, 206, 299, 300, 304, 400, 402, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 451, 501, 502, 507,
  520, 599,
];

const statuses: Check = {
  name: 'garbage: whatever the status, nothing is thrown and nothing confirmed',
  async run(rig) {
    const updates = await updatesOf(rig, 2, (n) => 40 + n);
    for (const status of STATUSES) {
      const body = status === 204 || status === 304 ? '' : '<html>';
      rig.setFaults({ kind: 'answer', answer: { status, body }, on: ['publish', 'read', 'token'] });
      const reply = await tell(rig, updates);
      expect(claims(reply, updates), `${status}: ${JSON.stringify(reply)}`).not.toContain('confirmed');
      rig.setFaults({ kind: 'answer', answer: { status, body }, on: ['publish'] });
      const again = await tell(rig, updates);
      expect(claims(again, updates), `${status}: ${JSON.stringify(again)}`).not.toContain('confirmed');
      if (status >= 500 && status !== 501)
        expect(claims(again, updates), `${status} may be applied`).not.toContain('refused');
    }
  },
};

const stops: Check = {
  name: 'abort: a call ends when it is told to, and knows nothing then',
  async run(rig) {
    const updates = await updatesOf(rig, 1, () => 3);
    rig.setFaults({ kind: 'timeout', on: ['publish', 'read', 'token', 'bulk'] });
    const started = performance.now();
    const reply = await tell(rig, updates, { signal: AbortSignal.timeout(50), timeoutMs: 5_000 });
    // Its own deadline does not count: the publisher closes sooner.
    expect(performance.now() - started, 'it went on').toBeLessThan(rig.timeoutMs);
    expect(claims(reply, updates)).not.toContain('confirmed');
    expect(claims(reply, updates)).not.toContain('refused');
    const before = await tell(rig, updates, { signal: AbortSignal.abort() });
    expect(claims(before, updates)).not.toContain('confirmed');
    if (rig.connector.publishBulk === undefined) return;
    const bulk = await tell(rig, updates, { lane: 'bulk', signal: AbortSignal.timeout(50), timeoutMs: 5_000 });
    expect(claims(bulk, updates)).not.toContain('confirmed');
  },
};

/** A loopback sends this long what an adapter without a bound would keep. */
const ENDLESS_MS = 10_000;

const endless: Check = {
  name: 'size: an answer without an end is not read to its end',
  async run(rig) {
    const updates = await updatesOf(rig, 1, () => 3);
    rig.setFaults({ kind: 'endless', on: ['publish'] });
    const started = performance.now();
    const reply = await tell(rig, updates, { timeoutMs: ENDLESS_MS });
    expect(performance.now() - started, 'it read until it was stopped').toBeLessThan(ENDLESS_MS);
    expect(claims(reply, updates), JSON.stringify(reply)).toEqual(['unknown']);
    // What a connector reads before it writes: then nothing was told yet.
    rig.setFaults({ kind: 'endless', on: ['read'] });
    const before = await tell(rig, updates, { timeoutMs: ENDLESS_MS });
    expect(performance.now() - started, 'it read until it was stopped').toBeLessThan(ENDLESS_MS);
    expect(claims(before, updates), JSON.stringify(before)).not.toContain('refused');
  },
};

const REASON_LENGTH_MAX = 500;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const clean: Check = {
  name: 'reasons: are short and without control characters, whatever the channel writes',
  async run(rig) {
    const updates = await updatesOf(rig, 1, () => 3);
    const body = `\u001b[31m\u0000\u0085\u2028${'x'.repeat(3_000)}\r\n`;
    for (const status of [200, 400, 401, 403, 404, 422, 500, 503]) {
      for (const text of [
        body,
        JSON.stringify({ code: body, message: body, error: body, errors: [{ code: body, message: body }] }),
      ]) {
        rig.setFaults({ kind: 'answer', answer: { status, body: text } });
        for (const reason of await allReasons(rig, updates)) {
          expect(reason.length, `${status}: ${reason}`).toBeLessThanOrEqual(REASON_LENGTH_MAX);
          expect(CONTROL.test(reason), `${status}: ${JSON.stringify(reason)}`).toBe(false);
        }
      }
    }
  },
};

const secretive: Check = {
  name: 'secrets: none stands in a reason, even when the channel sends it back',
  async run(rig) {
    const updates = await updatesOf(rig, 1, () => 3);
    expect(rig.secrets.length, 'the rig names the secrets').toBeGreaterThan(0);
    const faults: FaultsJson[] = (
      ['unauthorised', 'forbidden', 'error', 'reset', 'redirect', 'half-answer'] as const
    ).map((kind) => ({ kind, on: ['publish', 'bulk', 'read', 'orders', 'token'] }));
    for (const secret of rig.secrets) {
      for (const status of [200, 400, 401, 403, 422, 500]) {
        for (const body of [
          `no: ${secret}`,
          JSON.stringify({ code: secret, message: secret, errors: [{ code: secret, message: secret }] }),
        ]) {
          faults.push(
            { kind: 'answer', answer: { status, body } },
            { kind: 'answer', answer: { status, body }, on: ['token'] },
          );
        }
      }
    }
    for (const fault of faults) {
      rig.setFaults(fault);
      const reasons = (await allReasons(rig, updates)).join('\n');
      for (const secret of rig.secrets)
        expect(reasons.includes(secret), `${JSON.stringify(fault)}: ${reasons}`).toBe(false);
    }
  },
};

/** Of everything that the adapter can be asked. */
async function allReasons(rig: ChannelRig, updates: Awaited<ReturnType<typeof updatesOf>>): Promise<readonly string[]> {
  const { connector, inbound } = rig;
  const replies: object[] = [await tell(rig, updates)];
  const ask = async (what: string, ask: ((signal: AbortSignal) => Promise<object>) | undefined) => {
    if (ask !== undefined) replies.push(await asked(rig, ask, what));
  };
  const { readBack, readStatement } = connector;
  const poll = inbound?.inbound.poll;
  if (connector.publishBulk !== undefined) replies.push(await tell(rig, updates, { lane: 'bulk' }));
  await ask('readBack', readBack && ((signal) => readBack.call(connector, [updates[0]!.sku], signal)));
  await ask('readStatement', readStatement && ((signal) => readStatement.call(connector, undefined, signal)));
  await ask('poll', poll && ((signal) => poll.read(undefined, signal)));
  return replies.flatMap(reasonsOf);
}

export const BOUND_CHECKS: readonly Check[] = [garbage, statuses, stops, endless, clean, secretive];
