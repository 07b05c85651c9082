// What the demo's traders were promised: the id of every acknowledged command, written down outside Evenstock. After
// a crash (try kill -9) the next start looks for each of them in the log: none may be lost, none twice.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type EventLog, START } from '../../domain/event-log.ts';

const PAGE_EVENTS = 10_000;

export interface Journal {
  acknowledged(commandId: string): void;
}

export function openJournal(path: string): Journal {
  return { acknowledged: (commandId) => appendFileSync(path, `${commandId}\n`) };
}

export interface JournalCheck {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

/** Compares the journal with the log; undefined without a journal. */
export async function checkJournal(path: string, log: EventLog): Promise<JournalCheck | undefined> {
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  // The process may have died in the middle of the last line.
  const acknowledged = new Set(lines.slice(0, -1));
  const found = new Map<string, number>();
  for (let after = START; ; ) {
    const page = await log.readAll(after, PAGE_EVENTS);
    if (page.length === 0) break;
    after = page[page.length - 1]!.position;
    for (const { data } of page) {
      if (typeof data['commandId'] === 'string') found.set(data['commandId'], (found.get(data['commandId']) ?? 0) + 1);
    }
  }
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((id) => !found.has(id)),
    doubled: [...found].filter(([, times]) => times > 1).map(([id]) => id),
  };
}
