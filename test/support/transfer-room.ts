// Transfers over any log without HTTP: real stock actors and the real process manager, a projection that folds when told to,
// and reactions that see every event again each time.
import { systemHashes } from '../../adapters/platform.ts';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { type EventLog, type Position, START } from '../../domain/event-log.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { OpenTransfer, TransferCommandBody } from '../../domain/transfer/commands.ts';
import type { Projection, ProjectionDefinition } from '../../projections/projection.ts';
import { createTransfers, type Transfers } from '../../projections/transfers.ts';
import type { StockActors } from '../../server/actors/answer.ts';
import { createRemedies, type Remedies } from '../../server/cases/remedies.ts';
import { createLogger } from '../../server/logging.ts';
import { openTransfers } from '../../server/transfers/open-transfers.ts';
import type { TransferAnswer, TransferProcess } from '../../server/transfers/transfer-process.ts';
import { actorsOver, NOON } from './actors.ts';
import { realTime } from './read-side.ts';

export interface TransferRoomOptions {
  readonly policy?: Partial<PolicyDocumentJson>;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** What the transfers write to, if not `log` itself. */
  readonly transferLog?: EventLog;
  /** The stocks as the transfers see them. */
  readonly stocks?: (actors: StockActors) => Pick<StockActors, 'submit'>;
}

export interface TransferRoom {
  readonly transfers: TransferProcess;
  readonly actors: StockActors;
  readonly rows: Transfers;
  /** Open cases, by key. */
  readonly cases: ReadonlyMap<string, Cause>;
  readonly remedies: Remedies;
  /** From dc to store, by SKU; transfer `t`. */
  open(id: string, units: Readonly<Record<string, number>>): Promise<TransferAnswer>;
  send(
    id: string,
    type: string,
    units?: Readonly<Record<string, number>>,
    fields?: Record<string, unknown>,
  ): Promise<TransferAnswer>;
  /** The projection and the reactions have seen all there is. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const linesOf = (units: Readonly<Record<string, number>>) =>
  Object.entries(units).map(([sku, quantity]) => ({ sku, quantity }));
const SENDER = { source: 'test' } as const;

export async function openTransferRoom(log: EventLog, options: TransferRoomOptions = {}): Promise<TransferRoom> {
  const document = { version: 'test', locations: ['dc', 'store'].map((id) => ({ id })), ...options.policy };
  const policy = compilePolicy(PolicyDocument.parse(document));
  const now = options.now ?? (() => NOON);
  const actors = actorsOver(log, { policy: document, now });
  const rows = createTransfers();
  let folded: Position = START;
  const fold = async () => {
    for (const event of await log.readAll(folded, 100_000)) {
      rows.apply(event);
      folded = event.position;
    }
    return true;
  };
  const cases = new Map<string, Cause>();
  const remedies = createRemedies();
  const { transfers, reactions } = await openTransfers({
    ...{ log: options.transferLog ?? log, actors: options.stocks?.(actors) ?? actors, policy: () => policy },
    readModel: {
      projection: <P extends Projection>(_: ProjectionDefinition<P>) => rows as unknown as P,
      waitFor: fold,
    },
    ...{ clock: { now }, random: () => 0.001, sleep: options.sleep ?? realTime.sleep, hashes: systemHashes },
    ...{ soleWriter: true, logger: createLogger('silent', false), telemetry: undefined, remedies },
    cases: {
      raise: (cause) => void cases.set(cause.key, cause),
      cleared: (_, key) => void cases.delete(key),
    },
  });
  return {
    ...{ transfers, actors, rows, cases, remedies },
    open: (id, units) =>
      transfers.submit(
        't',
        {
          type: 'open',
          ...OpenTransfer.parse({ id, transferId: 't', from: 'dc', to: 'store', lines: linesOf(units) }),
        },
        SENDER,
      ),
    send(id, type, units, fields = {}) {
      const lines = units === undefined ? {} : { lines: linesOf(units) };
      return transfers.submit('t', TransferCommandBody.parse({ id, type, ...lines, ...fields }), SENDER);
    },
    async caughtUp() {
      await fold();
      for (const event of await log.readAll(START, 100_000)) for (const { on } of reactions) await on(event);
    },
    close: () => transfers.close(),
  };
}
