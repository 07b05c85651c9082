// The embedded log against the obvious design, a SQLite row per event: bench/event-log.ts does the measuring.
import { benchEventLog } from '../event-log.ts';
import { figure } from '../figure.ts';
import type { Part } from '../part.ts';

export const append: Part = {
  name: 'append',
  title: 'Appends with many streams, frames against rows',
  async run({ sizes }) {
    const streams = sizes.manyStocks;
    const seconds = (sizes.windows * sizes.windowMs) / 1_000;
    const measured = await benchEventLog(streams, seconds);
    const at = `${streams.toLocaleString('en')} streams, 100 events a commit`;
    return [
      figure('log.frames', `append, embedded log, ${at}`, '/s', measured.append.frames.eventsPerSecond),
      figure('log.frames.p99', `append, embedded log: p99 of a commit`, 'ms', measured.append.frames.commitMsP99),
      figure('log.rows', `append, SQLite with a row per event, ${at}`, '/s', measured.append.rows.eventsPerSecond),
      figure(
        'log.rows.p99',
        `append, SQLite with a row per event: p99 of a commit`,
        'ms',
        measured.append.rows.commitMsP99,
      ),
      figure('log.scan', 'reading the log from its start', '/s', measured.scanPerSecond),
      figure('log.hydrate', 'reading whole cold streams at random', '/s', measured.hydrate.readsPerSecond),
    ];
  },
};
