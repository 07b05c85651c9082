// Everything that is compared over HTTP, in rounds: one window of each side, then the next round. So a slow minute of
// the machine or its disk falls on every side and not on one.
import type { Figure } from '../figure.ts';
import { openCeiling } from '../http/ceiling.ts';
import { openEvenstock } from '../http/evenstock.ts';
import type { Family, OpenFamily } from '../http/family.ts';
import { openPostgres } from '../http/postgres.ts';
import { type Generator, loadFigures, startGenerator } from '../load/generator.ts';
import type { LoadResult } from '../load/load.ts';
import type { Part, Room } from '../part.ts';

const FAMILIES = { ceiling: openCeiling, evenstock: openEvenstock, postgres: openPostgres } as const;

export const http: Part = {
  name: 'http',
  title: 'Evenstock, PostgreSQL and Hono alone over HTTP, in turns',
  run: (room) => compare(room, Object.values(FAMILIES)),
};

/** Only when named: one family alone, for tuning. */
export const httpAlone: readonly Part[] = Object.entries(FAMILIES).map(([name, open]) => ({
  name: `http-${name}`,
  title: `Over HTTP, ${name} alone`,
  isOnRequest: true,
  run: (room) => compare(room, [open]),
}));

async function compare(room: Room, opens: readonly OpenFamily[]) {
  await using opened = new AsyncDisposableStack();
  const families: Family[] = [];
  const missing: string[] = [];
  for (const open of opens) {
    const family = await open(room);
    if ('skipped' in family) {
      room.progress(`SKIPPED: ${family.skipped}`);
      missing.push(family.skipped);
      continue;
    }
    opened.defer(family.close);
    families.push(family);
  }
  if (families.length === 0) return { skipped: missing.join('; ') };
  const generator = startGenerator();
  opened.defer(generator.stop);
  const results = await inRounds(room, families, generator);
  await verifyAll(room, families, results);
  const figures = families.flatMap(({ sides }) =>
    sides.flatMap(({ id, title }): readonly Figure[] => loadFigures(id, title, results.get(id)!)),
  );
  return { figures, missing };
}

type Results = ReadonlyMap<string, readonly LoadResult[]>;

async function inRounds(
  { sizes, progress }: Room,
  families: readonly Family[],
  generator: Generator,
): Promise<Results> {
  const results = new Map<string, LoadResult[]>();
  for (let round = 0; round < sizes.windows; round++) {
    for (const side of families.flatMap(({ sides }) => sides)) {
      progress(`round ${round + 1} of ${sizes.windows}: ${side.title}`);
      const result = await generator.run({
        ...side,
        commands: side.batches ? sizes.batchCommands : 1,
        connections: side.batches ? sizes.batchConnections : sizes.connections,
        // Compiled code and filled caches are there from the second round on.
        warmUpMs: round === 0 ? sizes.warmUpMs : sizes.warmUpMs / 4,
        windowMs: sizes.windowMs,
      });
      const { commandsPerSecond, p99Ms } = result.windows[0]!;
      progress(`  ${Math.round(commandsPerSecond)}/s, p99 ${p99Ms.toFixed(1)} ms`);
      results.set(side.id, [...(results.get(side.id) ?? []), result]);
    }
  }
  return results;
}

async function verifyAll({ sizes, progress }: Room, families: readonly Family[], results: Results): Promise<void> {
  progress('comparing what is stored with what was answered');
  for (const { sides, verify } of families) {
    const answered = sides.map(({ id, batches }) => {
      const requests = results.get(id)!.reduce((sum, result) => sum + result.answered, 0);
      return [id, requests * (batches ? sizes.batchCommands : 1)] as const;
    });
    await verify(new Map(answered));
  }
}
