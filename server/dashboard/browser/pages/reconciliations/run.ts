// One run: what was compared with what, each difference with its class, age, value and what was done about it.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { download } from '../../api/download.ts';
import { useReading } from '../../api/reading.ts';
import { ago, count, duration, instant, plural } from '../../format.ts';
import { Badge } from '../../parts/badge.ts';
import { askedOf } from '../../parts/filters.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { Shown } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { sayFailure } from '../../shell/toasts.ts';
import { ClassesCard, DifferencesCard } from './differences.ts';
import { CompareButton } from './start.ts';
import { isOver, type Report, resultOf, signed, subjectText } from './words.ts';

interface RunProps {
  readonly id: string;
  readonly query: URLSearchParams;
}

const PAGE_DIFFERENCES = 500;
/** Until it is over. */
const EVERY_MS = 2_000;

export function RunPage({ id, query }: RunProps) {
  const path = `/v1/reconciliations/${encodeURIComponent(id)}`;
  const asked = askedOf(query, ['class', 'cursor']);
  asked.set('limit', String(PAGE_DIFFERENCES));
  const [isDone, setDone] = useState(false);
  const reading = useReading<Report>(`${path}?${asked}`, isDone ? 0 : EVERY_MS);
  const run = reading.data;
  useEffect(() => setDone(run !== undefined && isOver(run)), [run]);
  const csv = () =>
    download(path, 'text/csv', `reconciliation-${id}.csv`).catch((error) => sayFailure('There is no file', error));
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('reconciliations')}>Reconciliation</a> / ${run === undefined ? id : subjectText(run)}</h1>
      ${
        run &&
        html`<${Badge} ...${resultOf(run)} />
          <div class="end actions">
            <button type="button" disabled=${run.comparison === undefined} onClick=${() => void csv()}>All differences as CSV</button>
            <${CompareButton} subject=${subjectOf(run)} label="Compare again" />
          </div>`
      }
    </div>
    <${Shown} reading=${reading}>
      ${(
        report: Report,
      ) => html`${report.reason !== undefined && html`<div class="banner bad" role="status"><span><strong>It failed.</strong> ${report.reason}</span></div>`}
        <div class="cards one">
          ${report.comparison && html`<${ClassesCard} ...${{ report, query }} />`}
          <${AboutCard} report=${report} />
          ${report.comparison && html`<${DifferencesCard} ...${{ report, query }} />`}
          ${report.badLines.length > 0 && html`<${BadLinesCard} report=${report} />`}
        </div>`}
    </${Shown}>`;
}

function subjectOf({ channel, system, location }: Report) {
  return channel === undefined ? { system, location } : { channel };
}

function AboutCard({ report }: { readonly report: Report }) {
  const { id, cause, by, startedAt, endedAt, statement, comparison, correction, shadow, corrected, policyVersion } =
    report;
  const pairs: readonly Pair[] = [
    ['Started', `${instant(startedAt, now.value)}, ${ago(startedAt, now.value)}`],
    ['Took', endedAt && duration(Date.parse(endedAt) - Date.parse(startedAt))],
    ['Started by', cause === 'schedule' ? 'schedule' : by],
    ['Statement', statementText(statement)],
    ['As of', statement.asOf && instant(statement.asOf, now.value)],
    ['SKUs', comparison && `${count(comparison.skus)}, ${count(comparison.equal)} of them equal`],
    ['Units reported', comparison && count(comparison.reportedUnits)],
    [
      'Units by our log',
      comparison &&
        html`${count(comparison.ourUnits)} <small>${signed(comparison.reportedUnits - comparison.ourUnits)}</small>`,
    ],
    ['Position', comparison && html`<span class="mono">${comparison.cut}</span>`],
    ['Correction', shadow ? 'none: it is in shadow mode' : correction],
    ['Corrected', doneText(corrected)],
    ['Policy version', policyVersion],
    ['Run', html`<span class="mono">${id}</span>`],
  ];
  return html`<section class="card" aria-labelledby="about-title">
    <h2 id="about-title">About</h2>
    <${Pairs} pairs=${pairs} />
  </section>`;
}

function statementText({ from, rows, complete, badLines = 0 }: Report['statement']): string {
  const bad = badLines > 0 ? `, ${plural(badLines, 'bad line')}` : '';
  const what =
    rows === undefined ? 'not read yet' : `${plural(rows, 'row')}, ${complete ? 'complete' : 'partial'}${bad}`;
  return `${from === 'adapter' ? 'asked for' : 'uploaded'}: ${what}`;
}

function doneText({ republish, count: counted, case: cases, inFlight, notPossible }: Report['corrected']): string {
  const parts: readonly (readonly [number, string])[] = [
    ...([
      [republish, 'told again'],
      [counted, 'counted'],
      [cases, 'left to cases'],
    ] as const),
    ...([
      [inFlight, 'under way'],
      [notPossible, 'not possible'],
    ] as const),
  ];
  return (
    parts
      .filter(([n]) => n > 0)
      .map(([n, what]) => `${count(n)} ${what}`)
      .join(', ') || 'nothing'
  );
}

type BadLine = Report['badLines'][number];

const BAD_LINES: readonly Column<BadLine>[] = [
  { key: 'line', title: 'Line', isFigure: true, by: ({ line }) => line },
  { key: 'message', title: 'Why', cell: (fault) => html`<span class="wrap">${fault.message}</span>` },
];

function BadLinesCard({ report: { badLines } }: { readonly report: Report }) {
  return html`<section class="card whole" aria-labelledby="bad-title">
    <h2 id="bad-title">Bad lines <small>of the statement; they are not compared</small></h2>
    <${Table} caption="Lines that are not compared" columns=${BAD_LINES} rows=${badLines} keyOf=${({ line }: BadLine) => String(line)} />
  </section>`;
}
