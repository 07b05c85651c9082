// The benchmark's parts at their smallest: each runs to its end, measures what the targets ask for, and leaves nothing
// behind. Not a benchmark: no figure is judged here.

import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Figure } from '../../bench/figure.ts';
import { type Measured, type Part, SIZES } from '../../bench/part.ts';
import { PARTS } from '../../bench/parts/all.ts';
import { findPostgres, HOW_TO_INSTALL } from '../../bench/postgres/cluster.ts';
import { hasChromium } from '../support/browser/chromium.ts';

const parent = mkdtempSync(join(tmpdir(), 'evenstock-bench-test-'));
// PostgreSQL runs as another user when this runs as root.
chmodSync(parent, 0o755);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

async function run(name: string): Promise<{ readonly measured: Measured; readonly left: readonly string[] }> {
  const directory = mkdtempSync(join(parent, 'part-'));
  chmodSync(directory, 0o755);
  const part: Part = PARTS.find((each) => each.name === name)!;
  const measured = await part.run({ sizes: SIZES.tiny, directory, progress() {} });
  return { measured, left: readdirSync(directory) };
}

function figuresOf(measured: Measured): readonly Figure[] {
  if ('skipped' in measured) throw new Error(measured.skipped);
  return 'figures' in measured ? measured.figures : measured;
}

const WITHOUT_SERVERS = {
  decide: ['decide.sale', 'decide.reservation'],
  actors: ['actors.hot', 'actors.wide'],
  append: ['log.frames', 'log.rows'],
  scale: ['scale.active.10', 'scale.active.100', 'scale.all.10', 'scale.all.100', 'scale.stream.2', 'scale.stream.20'],
  'actor-memory': ['actor-memory.1', 'actor-memory.10'],
  orders: ['orders.place.0', 'orders.reservation.0', 'orders.place.50', 'orders.reservation.50'],
  'publishing-calls': [
    'calls.ratio',
    'calls.amazon',
    'calls.ebay',
    'calls.shopify',
    'calls.woocommerce',
    'calls.square',
  ],
  'publishing-overtake': ['overtake.young.ebay', 'overtake.old.amazon', 'overtake.cpu.none', 'overtake.cpu.full'],
  audit: ['audit.stock', 'audit.figure', 'audit.hot', 'audit.seal', 'audit.chains', 'audit.seals'],
  projections: ['projections.rebuild', 'projections.resident'],
};

describe('bench parts without a server', () => {
  it.each(Object.entries(WITHOUT_SERVERS))('%s measures %j', { timeout: 60_000 }, async (name, ids) => {
    const figures = figuresOf((await run(name)).measured);
    for (const id of ids) {
      const samples = figures.find((each) => each.id === id)?.samples ?? [];
      expect(samples.length, id).toBeGreaterThan(0);
      expect(samples.every(Number.isFinite), id).toBe(true);
    }
  });
});

describe('bench parts over HTTP', () => {
  // The part itself fails when a server took other commands than were answered, or its metrics cannot be read.
  it('observe: the same load with metrics and without', { timeout: 60_000 }, async () => {
    const ids = figuresOf((await run('observe')).measured).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['observe.off.single', 'observe.on.single', 'observe.on.batch.cpu']));
  });

  it('publishing-idle: a server that shows all and tells nothing', { timeout: 60_000 }, async () => {
    const figures = figuresOf((await run('publishing-idle')).measured);
    expect(figures.map(({ id }) => id)).toEqual([
      'idle.resident',
      'idle.cpu',
      ...(hasChromium ? ['idle.overview'] : []),
    ]);
    expect(figures.flatMap(({ samples }) => samples).every((value) => value >= 0)).toBe(true);
  });

  // The part itself fails when the server counts other lines than the file has. Seen
  // failing where one line more was expected than the file has.
  it('till-upload: every line has its verdict, with live commands beside', { timeout: 60_000 }, async () => {
    const figures = figuresOf((await run('till-upload')).measured);
    expect(figures.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['till.upload', 'till.again', 'till.alone.p99', 'till.beside.p99']),
    );
    expect(figures.flatMap(({ samples }) => samples).every(Number.isFinite)).toBe(true);
  });

  // The part itself fails when the stocks do not add up to what was answered. Seen failing with planted bugs: an UPDATE
  // that takes one unit more than asked; one more unit hidden from the web shop than its policy says.
  it('evenstock: its stocks give exactly what was answered', { timeout: 60_000 }, async () => {
    const ids = figuresOf((await run('http-evenstock')).measured).map(({ id }) => id);
    for (const way of ['sale', 'reservation', 'batch']) {
      expect(ids).toContain(`http.evenstock.${way}.hot`);
      expect(ids).toContain(`http.evenstock.${way}.wide.p99`);
    }
  });

  it.runIf(findPostgres())(
    'postgres: its rows and outbox hold exactly what was answered',
    { timeout: 60_000 },
    async () => {
      const { measured, left } = await run('http-postgres');
      expect(figuresOf(measured).map(({ id }) => id)).toContain('http.postgres.set.wide');
      expect(left).toEqual([]);
    },
  );

  it.skipIf(findPostgres())(`SKIPPED, ${HOW_TO_INSTALL}`, () => {});
});
