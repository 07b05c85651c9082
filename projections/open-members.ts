// Takes the stored state of each projection up again, if it is whole and belongs to this log. A checkpoint that the
// log does not have refuses to start: the log lost its tail or is another one, and no guess would be right.
import type { EventLog } from '../domain/event-log.ts';
import { type Member, newMember } from './dead-letters.ts';
import type { PageStore } from './page-store.ts';
import type { Checkpoint, ProjectionDefinition } from './projection.ts';

/** The stored read model has seen events that this log does not have. */
export class CheckpointAhead extends Error {
  override readonly name = 'CheckpointAhead';
}

export interface OpenedMember {
  readonly member: Member;
  /** Why it starts from the first event, if it does. */
  readonly discarded: string | undefined;
}

/** @throws CheckpointAhead · Unavailable */
export async function openMember(
  definition: ProjectionDefinition,
  store: PageStore,
  log: EventLog,
): Promise<OpenedMember> {
  const { name } = definition;
  const projection = definition.create();
  const stored = store.load(name, projection.version);
  const anew = (why: string): OpenedMember => ({
    member: newMember(definition, definition.create(), store.generation(name) + 1),
    discarded: why,
  });
  if ('absent' in stored) return anew(stored.absent);
  await assertInLog(name, stored.checkpoint, log);
  try {
    projection.restore(stored.pages);
  } catch (error) {
    return anew(error instanceof Error ? error.message : String(error));
  }
  const { checkpoint, generation, deadLetters, deadLettersForgotten } = stored;
  const member: Member = {
    definition,
    projection,
    generation,
    position: checkpoint.position,
    last: checkpoint,
    deadLetters: [...deadLetters],
    forgotten: deadLettersForgotten,
  };
  return { member, discarded: undefined };
}

async function assertInLog(name: string, checkpoint: Checkpoint, log: EventLog): Promise<void> {
  const { position, stream, revision, id } = checkpoint;
  const head = await log.head();
  const [event] = head < position ? [] : await log.read(stream, revision, 1);
  if (event?.id === id && event.position === position) return;
  const found =
    event === undefined ? `the log ends at ${head}` : `the log has event ${event.id} at ${event.position} there`;
  throw new CheckpointAhead(
    `projection ${name} has folded ${stream}@${revision} (event ${id}, position ${position}), but ${found}. ` +
      'The log lost its tail or is another log: put the right log back, or delete projections.sqlite to build the read model from this one.',
  );
}
