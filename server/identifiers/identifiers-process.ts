// Takes lines about what other systems call our names: judged against all that is in the log, appended together, and told
// to who waits for a name. A stream has one writer at a time here; where other servers write too, what came first counts.
import type { Identifiers } from '../../adapters/channels/identifiers.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { chainedEvents } from '../../domain/event-id.ts';
import { Conflict, Unavailable } from '../../domain/event-log.ts';
import { decideLines, type LineVerdict } from '../../domain/identifiers/decide.ts';
import { identifiersEventData, identifiersStream, inEvents } from '../../domain/identifiers/events.ts';
import type { IdentifierLine, Named } from '../../domain/identifiers/lines.ts';
import {
  IDENTIFIERS_PROJECTION,
  type IdentifiersReader,
  type OnMapped,
  type SystemNames,
} from '../../projections/identifiers.ts';
import { appendRepeating } from '../append-repeating.ts';
import type { ProcessBase } from '../process-room.ts';

export interface LinesAnswer {
  /** One for each line, in their order. */
  readonly verdicts: readonly LineVerdict[];
  /** Of what was written; undefined: nothing had to be. */
  readonly position: bigint | undefined;
}

export interface IdentifiersProcess {
  /**
   * A repeat finds everything unchanged.
   * @throws Unavailable · UnknownOutcome · Conflict when other writers came first again and again: nothing is known to be taken
   */
  submit(system: string, lines: readonly IdentifierLine[], by: string): Promise<LinesAnswer>;
  /** The instance that serves now. */
  reader(): IdentifiersReader;
  /** Is there such a system, by policy or by what is mapped already? */
  knowsSystem(system: string): boolean;
  close(): void;
}

export interface IdentifiersRoom extends ProcessBase {
  readonly policy: () => Policy;
  /** Called when an id of theirs came to mean one of ours. Must not throw. */
  readonly mapped: OnMapped;
}

const CONFLICTS_MAX = 6;
const FOLDED_MS_MAX = 5_000;

export function openIdentifiers(room: IdentifiersRoom): IdentifiersProcess {
  const { readModel, policy } = room;
  const reader = () => readModel.projection(IDENTIFIERS_PROJECTION);
  const turns = new Map<string, Promise<unknown>>();
  let leave = reader().onMapped(room.mapped);
  const stay = readModel.onSwitch((name) => {
    if (name !== IDENTIFIERS_PROJECTION.name) return;
    leave();
    leave = reader().onMapped(room.mapped);
  });
  return {
    reader,
    submit(system, lines, by) {
      const done = (turns.get(system) ?? Promise.resolve()).then(() => submit(system, lines, by, room));
      const settled = done.catch(() => {});
      turns.set(system, settled);
      void settled.then(() => (turns.get(system) === settled ? turns.delete(system) : undefined));
      return done;
    },
    knowsSystem(system) {
      const { channels, erps = [], systemsOfRecord } = policy().document;
      return (
        channels.some(({ id }) => id === system) ||
        erps.some(({ id }) => id === system) ||
        systemsOfRecord.some((entry) => entry.system === system) ||
        reader().systems().includes(system)
      );
    },
    close() {
      stay();
      leave();
    },
  };
}

async function submit(
  system: string,
  lines: readonly IdentifierLine[],
  by: string,
  room: IdentifiersRoom,
): Promise<LinesAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const known = await namesNow(system, room);
    const { knowsSku, knowsLocation } = room.policy();
    const { verdicts, changes } = decideLines(lines, { names: known.names, knowsSku, knowsLocation });
    if (changes.length === 0) return { verdicts, position: undefined };
    const stream = identifiersStream(system);
    const { revision, hash } = known;
    const recordedAt = Math.max(room.clock.now(), known.recordedAt);
    const cause = `${stream}:${revision + 1}`;
    const unlinked = inEvents(changes).map((some) => ({
      type: 'IdentifiersChanged',
      data: identifiersEventData(some, recordedAt),
      metadata: { client: by, causationId: cause },
    }));
    try {
      const events = chainedEvents({ stream, revision, hash }, unlinked, cause, room.hashes);
      const { position } = await appendRepeating(room, stream, revision, events);
      return { verdicts, position };
    } catch (error) {
      if (!(error instanceof Conflict) || attempt >= CONFLICTS_MAX) throw error;
      await room.sleep(room.random() * 2 ** attempt);
    }
  }
}

/** As the log has them: judged by less, a contradiction would be taken. */
async function namesNow(system: string, { log, readModel }: IdentifiersRoom): Promise<SystemNames> {
  const head = await log.head();
  if (readModel.availability.position() < head && !(await readModel.waitFor(head, FOLDED_MS_MAX)))
    throw new Unavailable('overloaded', 'the names are behind the log');
  return readModel.projection(IDENTIFIERS_PROJECTION).system(system);
}

/** The port of adapters, over whichever instance serves. */
export function identifiersOver(reader: () => IdentifiersReader, system: string): Identifiers {
  const called = (what: Named, ours: string) => {
    const found = reader().system(system).names[what].called(ours);
    return found?.id === undefined ? undefined : { id: found.id, more: found.more };
  };
  const oursOf = (what: Named, theirs: string) => reader().system(system).names[what].oursOf(theirs);
  return {
    ofSku: (sku) => called('sku', sku),
    skuOf: (id) => oursOf('sku', id),
    ofLocation: (location) => called('location', location),
    locationOf: (id) => oursOf('location', id),
  };
}
