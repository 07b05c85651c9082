// One round of sealing: all that was in the log when it began, piece by piece, each checked and then signed as `evenstock seal` does.
// Before it, a stretch of what was sealed is compared once more. All is read gently.

import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Seal } from '../../domain/seal/entry.ts';
import type { Clock } from '../../domain/time.ts';
import type { Checkpoints } from '../checkpoints.ts';
import { trustedBySigner } from './check-lines.ts';
import { checkSeals, namesOf } from './check-seals.ts';
import { comparingAgain } from './compare-again.ts';
import { type Gently, gentlePages } from './gentle-pages.ts';
import { readSealLines } from './seal-file.ts';
import { endOfSealFile, type SealFileEnd } from './seal-file-end.ts';
import { sealLog } from './seal-log.ts';
import type { SigningKey } from './signing.ts';

export interface SealRounds {
  /** Where the file of seals ends; checks all of it the first time. @throws NotAsSealed · SealFileUnusable */
  begin(): Promise<Seal | undefined>;
  /** Tells each seal as it is made. @throws NotAsSealed · SealFileUnusable · Unavailable · LogCorrupt · the file system's errors */
  seal(made: (seal: Seal, newEvents: number) => void): Promise<void>;
  /** What was altered of what was sealed, by place; none when the log is too long to keep its streams in memory meanwhile. */
  nameAltered(): Promise<readonly string[]>;
}

export interface RoundsRoom extends Gently {
  /** The file of seals. */
  readonly file: string;
  /** Read each time, so that it can be replaced while the server runs. @throws Error for people, which shows nothing of it */
  readonly key: () => SigningKey;
  readonly log: Pick<EventLog, 'head' | 'read' | 'readAll'>;
  readonly hashes: Hashes;
  readonly clock: Clock;
  /** Up to where was sealed, also before this process began. */
  readonly checkpoints: Checkpoints;
}

/** One seal covers so many events at most, and so many that were sealed are compared again before it: a crash loses little work. */
export const PIECE_EVENTS = 250_000;
/** About 150 bytes a stream: 150 MB at most. */
const NAMED_EVENTS_MAX = 1_000_000;
const CHECKPOINT = 'seals';
const TURN_MS = 5;

export function sealRounds(room: RoundsRoom, pieceEvents = PIECE_EVENTS): SealRounds {
  const { file, log, hashes, clock, checkpoints, sleep, signal } = room;
  let known: SealFileEnd | undefined;
  const compareAgain = comparingAgain(room, pieceEvents);
  const ending = () => ({ known, sealedUpTo: checkpoints.load(CHECKPOINT), turn: () => sleep(TURN_MS, signal) });
  const look = async () => {
    known = await endOfSealFile(file, room.key(), ending());
    return known;
  };
  return {
    begin: async () => (await look()).seal,
    async seal(made) {
      // Somebody may have brought another file.
      const { seals } = await look();
      await compareAgain(seals);
      const head = await log.head();
      for (let isWhole = false; !isWhole; ) {
        const { seal, newEvents, end } = await sealLog({
          ...{ file, hashes, clock, key: room.key(), read: log.read, ...ending() },
          // One more than a piece: the last that was sealed comes first.
          pages: (after) => gentlePages(room, after, { upTo: head, eventsMax: pieceEvents + 1 }),
        });
        known = end;
        if (seal !== undefined) {
          checkpoints.save(CHECKPOINT, BigInt(seal.position));
          made(seal, newEvents);
        }
        isWhole = seal === undefined || BigInt(seal.position) >= head;
      }
    },
    async nameAltered() {
      if ((known?.seal?.count ?? 0) > NAMED_EVENTS_MAX) return [];
      const trusted = trustedBySigner(await readSealLines(file), room.key().public);
      return namesOf(await checkSeals((after) => gentlePages(room, after), file, trusted, ending().turn));
    },
  };
}
