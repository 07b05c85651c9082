// POST /v1/tills/{device}/escrow: lends units to a till that only it may sell while it is offline, takes them back, or lets
// it keep them longer. A verdict an SKU: a till is better off with some of what was asked for than with nothing.
import { parseStockStream } from '../../domain/stock/stream.ts';
import { askedOfStocks, DeviceId, EscrowCommand, escrowId } from '../../domain/till/escrow.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import { expiryOf } from '../../projections/open-holds.ts';
import type { Answer } from '../actors/answer.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseLocation, requireLocation } from '../auth.ts';
import { failureDetail, HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, charge, json, traceparentOf } from './api.ts';
import { checkCommand } from './intake/check-command.ts';
import { answerJson } from './intake/json-request.ts';
import { segmentBy } from './intake/query.ts';

const LENT_MS_MAX = 31 * DAY;

export interface Lent {
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
  readonly expiresAt: Instant;
}

export function postEscrow(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const device = segmentBy(c, 'device', DeviceId);
  return answerJson(api, c, { scope: 'commands:write', schema: EscrowCommand }, async (client, command) => {
    requireLocation(client, command.location);
    if ('expiresAt' in command && command.expiresAt > api.clock.now() + LENT_MS_MAX) {
      throw new HttpProblem('hold-too-long', 'Units are lent to a till for 31 days at most');
    }
    const open = await openSkus(api, device, command.location);
    const asked = askedOfStocks(device, command, open);
    if (asked.length > 1) charge(api, client, asked.length - 1);
    const lines = await Promise.all(
      asked.map(async (one) => {
        if (api.policy().bundles.of(one.sku) !== undefined) return { sku: one.sku, outcome: 'invalid', ...OF_BUNDLE };
        const checked = checkCommand(api, client, one);
        if ('bad' in checked) return { sku: one.sku, outcome: 'invalid', ...said(checked.bad) };
        const answer = await api.actors.submit({ command: checked.command, client: client.id, traceparent });
        return { sku: one.sku, ...verdictOf(answer, 'quantity' in one ? one.quantity : undefined) };
      }),
    );
    return json({ escrow: escrowId(device), location: command.location, lines });
  });
}

/** Asked at the head of the log: what was lent a moment ago is among them. */
async function openSkus(api: Api, device: string, location: string): Promise<readonly string[]> {
  const head = await api.log.head();
  if (!(await api.availability.waitFor(head, api.limits.readWaitMsMax))) {
    throw new HttpProblem('read-behind', 'What is lent is not known up to now', { retryAfterMs: 1_000 });
  }
  return [...lentTo(api, device)].filter((lent) => lent.location === location).map(({ sku }) => sku);
}

export function* lentTo({ openHolds }: Pick<Api, 'openHolds'>, device: string, client?: Client): Generator<Lent> {
  const id = escrowId(device);
  for (const hold of openHolds?.() ?? []) {
    const { stream, reservationId, held, committed } = hold;
    if (reservationId !== id || held === 0) continue;
    const { sku, location } = parseStockStream(stream)!;
    if (client === undefined || mayUseLocation(client, location)) {
      yield { sku, location, quantity: held + committed, expiresAt: expiryOf(hold) };
    }
  }
}

const OF_BUNDLE = { reason: 'bundle-has-no-stock', detail: 'a bundle holds no stock: lend its components' };

const said = ({ reason, detail }: { readonly reason: string; readonly detail: string }) => ({ reason, detail });

function verdictOf(answer: Answer, quantity: number | undefined) {
  switch (answer.outcome) {
    case 'refused':
      return { outcome: 'refused', ...said(answer) };
    case 'failed':
      return {
        outcome: 'failed',
        reason: answer.reason,
        detail: failureDetail(answer),
        retryAfterMs: answer.retryAfterMs,
      };
    default:
      return { outcome: 'accepted', duplicate: answer.duplicate, quantity };
  }
}
