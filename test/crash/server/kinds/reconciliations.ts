// Runs of reconciliation over the books of the system that is right at a location: each names SKUs of its own, all of which
// differ. A run that a crash ended before it had compared is failed, and its SKUs are compared by another.
import { expect } from 'vitest';
import { got, history, type Kind, minutesAgo, type Step } from '../stories.ts';

export const ERP = { location: 'store-003', system: 'erp' };
const LINES = 80;
const skusOf = (n: number) => Array.from({ length: LINES }, (_, line) => `R-${n}-${line}`);
/** Of 10 that were received. */
const BOOKED = 13;

/** Told again until every line was accepted. */
function batch(commands: readonly unknown[]): Step {
  return async (ask) => {
    const answer = await ask('/v1/commands/batch', { body: commands });
    const verdicts = String(answer?.body['text']).trim().split('\n');
    const isTaken = verdicts.length === commands.length && verdicts.every((line) => line.includes('"accepted"'));
    return answer?.status === 200 && isTaken ? 'done' : 'again';
  };
}

/** The last run that was begun for each story: none may begin while another is under way. */
function compare(n: number): Step {
  const books = `sku,units\n${skusOf(n)
    .map((sku) => `${sku},${BOOKED}`)
    .join('\n')}\n`;
  const asOf = minutesAgo(10);
  let attempt = 0;
  return async (ask) => {
    const id = `r-${n}-${attempt}`;
    const query = `system=${ERP.system}&location=${ERP.location}&id=${id}&asOf=${asOf}&wait=1`;
    const answer = await ask(`/v1/reconciliations?${query}`, { body: books, type: 'text/csv' });
    if (answer === undefined || answer.status !== 200) {
      const isLater = answer === undefined || [202, 409, 429, 503].includes(answer.status);
      if (isLater) return 'again';
      throw new Error(`${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    if (answer.body['state'] === 'completed') return 'done';
    expect(answer.body, id).toMatchObject({ state: 'failed', reason: expect.stringContaining('server stopped') });
    attempt += 1;
    return 'again';
  };
}

export const RECONCILIATIONS: Kind = {
  name: 'reconciliations',
  clients: 2,
  story(n) {
    const received = { type: 'receipt', location: ERP.location, quantity: 10, occurredAt: minutesAgo(60) };
    const receipts = skusOf(n).map((sku) => ({ ...received, id: `in-${sku}`, sku }));
    return [batch(receipts), compare(n)];
  },
  async check(ask, stories) {
    const { reconciliations } = await got(ask, '/v1/reconciliations?limit=1000');
    for (const run of reconciliations as { id: string; state: string }[]) {
      expect(['completed', 'failed'], run.id).toContain(run.state);
    }
    for (let n = 0; n < stories; n++) {
      for (const sku of skusOf(n)) {
        const happened = await history(ask, sku, ERP.location);
        expect(
          happened.map(({ event }) => event),
          sku,
        ).toEqual(['UnitsReceived', 'StockCounted']);
        expect(happened.at(-1)?.levels.onHand, sku).toBe(BOOKED);
      }
    }
  },
};
