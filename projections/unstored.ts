// What must be stored next: the changed pages of every projection with its checkpoint and dead letters, as of one
// moment. What a failed attempt had taken is not lost: it goes with the next.
import { START } from '../domain/event-log.ts';
import type { Member } from './dead-letters.ts';
import type { ToStore } from './page-store.ts';
import type { Page } from './projection.ts';

export interface Taken {
  readonly member: Member;
  readonly store: ToStore;
  readonly pages: Iterable<Page>;
}

export interface Unstored {
  take(everything: boolean): readonly Taken[];
  /** All of it is stored. */
  stored(taken: readonly Taken[]): void;
  /** None of it is. */
  putBack(taken: readonly Taken[]): void;
}

export function createUnstored(members: () => readonly Member[]): Unstored {
  /** Pages taken from a projection without `markAllChanged` by an attempt that failed. */
  let unsaved = new Map<Member, readonly Page[]>();
  /** A member's dead letters only grow in number. */
  const lettersStored = new WeakMap<Member, number>();

  const takeOf = (member: Member): Taken | undefined => {
    if (member.position === START || member.last === undefined) return undefined;
    const { definition, projection, generation, deadLetters, forgotten, last } = member;
    const { position, stream, revision, id } = last;
    const pages = projection.takeChangedPages();
    const before = unsaved.get(member) ?? [];
    return {
      member,
      pages: projection.markAllChanged === undefined ? [...before, ...pages] : pages,
      store: {
        name: definition.name,
        version: projection.version,
        generation,
        checkpoint: { position, stream, revision, id },
        deadLetters: lettersStored.get(member) === deadLetters.length ? undefined : [...deadLetters],
        deadLettersForgotten: forgotten,
      },
    };
  };
  return {
    take(everything) {
      if (everything) for (const { projection } of members()) projection.markAllChanged?.();
      return members()
        .map(takeOf)
        .filter((one) => one !== undefined);
    },
    stored(taken) {
      for (const { member, store } of taken) {
        if (store.deadLetters !== undefined) lettersStored.set(member, store.deadLetters.length);
      }
      unsaved = new Map();
    },
    putBack(taken) {
      for (const { member, pages } of taken) {
        if (member.projection.markAllChanged === undefined) unsaved.set(member, pages as readonly Page[]);
        else member.projection.markAllChanged();
      }
    },
  };
}
