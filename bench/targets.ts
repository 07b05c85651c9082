// What must hold, as ratios between figures of one run or as bounds on one of them. A target whose figures were not
// measured is said to be open; nothing is met by default.
import { type Figures, medianOf } from './figure.ts';

export interface Target {
  /** That measures what it is about. */
  readonly part: string;
  readonly title: string;
  readonly sense: 'at least' | 'at most';
  readonly bound: number;
  readonly unit: string;
  value(figures: Figures): number | undefined;
}

export interface Judged {
  readonly part: string;
  readonly title: string;
  readonly target: string;
  readonly value: number | undefined;
  readonly unit: string;
  readonly verdict: 'met' | 'missed' | 'not measured';
  /** Share by which it is missed, 0.2 = 20 %. */
  readonly missedBy?: number;
}

const ratio = (of: string, to: string) => (figures: Figures) => {
  const a = medianOf(figures, of);
  const b = medianOf(figures, to);
  return a === undefined || b === undefined ? undefined : a / b;
};
const single = (id: string) => (figures: Figures) => medianOf(figures, id);
type Bound = Omit<Target, 'part'>;
const atLeast = (title: string, bound: number, unit: string, value: Target['value']): Bound => ({
  title,
  sense: 'at least',
  bound,
  unit,
  value,
});
const atMost = (title: string, bound: number, unit: string, value: Target['value']): Bound => ({
  title,
  sense: 'at most',
  bound,
  unit,
  value,
});

/** Of the figures whose id begins with a prefix. */
const mediansOf = (figures: Figures, prefix: string) =>
  [...figures.keys()].filter((id) => id.startsWith(prefix)).map((id) => medianOf(figures, id)!);

/** Highest over lowest of the figures whose id begins with a prefix. */
const spread = (prefix: string) => (figures: Figures) => {
  const values = mediansOf(figures, prefix);
  return values.length < 2 ? undefined : Math.max(...values) / Math.min(...values);
};

/** Highest of the figures whose id begins with a prefix. */
const highest = (prefix: string) => (figures: Figures) => {
  const values = mediansOf(figures, prefix);
  return values.length === 0 ? undefined : Math.max(...values);
};

/** What a command costs stays the same however many others there are. */
const growsNot = (what: string, prefix: string) => atMost(`${what}: highest ÷ lowest`, 1.2, '×', spread(prefix));

const of = (part: string, bounds: readonly Bound[]): readonly Target[] => bounds.map((bound) => ({ part, ...bound }));

const KINDS = [
  ['sale', 'sales'],
  ['reservation', 'reservations'],
] as const;

const OVER_HTTP: readonly Bound[] = [
  ...KINDS.flatMap(([kind, plural]) => [
    atLeast(
      `${plural}, hot SKU: rate ÷ PostgreSQL transaction`,
      15,
      '×',
      ratio(`http.evenstock.${kind}.hot`, 'http.postgres.transaction.hot'),
    ),
    atLeast(
      `${plural}, hot SKU: rate ÷ PostgreSQL single statement`,
      6,
      '×',
      ratio(`http.evenstock.${kind}.hot`, 'http.postgres.statement.hot'),
    ),
    atLeast(
      `${plural}, wide: rate ÷ PostgreSQL transaction`,
      4,
      '×',
      ratio(`http.evenstock.${kind}.wide`, 'http.postgres.transaction.wide'),
    ),
    atLeast(
      `${plural}, wide: rate ÷ PostgreSQL single statement`,
      2.5,
      '×',
      ratio(`http.evenstock.${kind}.wide`, 'http.postgres.statement.wide'),
    ),
    ...(['hot', 'wide'] as const).flatMap((spreadOf) => [
      atLeast(
        `${plural}, ${spreadOf}: p99 of PostgreSQL transaction ÷ ours`,
        5,
        '×',
        ratio(`http.postgres.transaction.${spreadOf}.p99`, `http.evenstock.${kind}.${spreadOf}.p99`),
      ),
      atLeast(
        `${plural}, ${spreadOf}: p99 of PostgreSQL single statement ÷ ours`,
        5,
        '×',
        ratio(`http.postgres.statement.${spreadOf}.p99`, `http.evenstock.${kind}.${spreadOf}.p99`),
      ),
    ]),
  ]),
  atLeast(
    'batches of 500, hot SKU: rate ÷ PostgreSQL set-based',
    1.5,
    '×',
    ratio('http.evenstock.batch.hot', 'http.postgres.set.hot'),
  ),
  atLeast(
    'batches of 500, wide: rate ÷ PostgreSQL set-based',
    1.5,
    '×',
    ratio('http.evenstock.batch.wide', 'http.postgres.set.wide'),
  ),
];

export const TARGETS: readonly Target[] = [
  ...of('http', OVER_HTTP),
  ...of('append', [
    atLeast('append, 1 million streams: rate ÷ SQLite with a row per event', 8, '×', ratio('log.frames', 'log.rows')),
  ]),
  ...of('scale', [
    growsNot('cost of a command, 1,000 to 1 million SKU-locations, 1,000 of them active', 'scale.active.'),
    growsNot('cost of a command, 1,000 to 1 million SKU-locations, all active', 'scale.all.'),
    growsNot('cost of a command, 10 to 100,000 events in its stream', 'scale.stream.'),
  ]),
  ...of('audit', [
    atMost('a stock as of two times, log of 1 million events', 1_000, 'ms', single('audit.stock')),
    atMost('a figure over 10 locations as of two times, log of 1 million events', 1_000, 'ms', single('audit.figure')),
  ]),
  ...of('orders', [
    atMost(
      'order of 5 lines over 10 locations ÷ single reservation',
      8,
      '×',
      ratio('orders.place.0', 'orders.reservation.0'),
    ),
    growsNot('cost of an order, 0 to 100,000 orders and holds open', 'orders.place.'),
    growsNot('cost of a reservation, 0 to 100,000 orders and holds open', 'orders.reservation.'),
  ]),
  ...of('projections', [
    atMost('stock levels and ATS of 3 channels, 1 million SKU-locations', 400, 'MB', single('projections.resident')),
    atLeast('rebuild of the projections from the log', 300_000, '/s', single('projections.rebuild')),
  ]),
  ...of('server-restart', [atMost('restart to ready, 1 million SKU-locations', 5, 's', single('restart.ready'))]),
  ...of('publishing-calls', [
    atMost(
      '40,000 changed SKUs to 5 channels: calls ÷ fewest that their batches allow',
      1.05,
      '×',
      single('calls.ratio'),
    ),
  ]),
  ...of('publishing-overtake', [
    atMost(
      'stock-out behind a young backlog of 100,000: batches that leave before it',
      1,
      'batches',
      highest('overtake.young.'),
    ),
    atMost(
      'stock-out behind a backlog of 100,000 after an outage: batches that leave before it',
      1,
      'batches',
      highest('overtake.old.'),
    ),
    atMost(
      'CPU a change, beside a backlog of 100,000 ÷ beside none',
      1.2,
      '×',
      ratio('overtake.cpu.full', 'overtake.cpu.none'),
    ),
  ]),
  ...of('publishing-idle', [
    atMost('idle server, 5 channels × 40,000 SKUs: resident', 300, 'MB', single('idle.resident')),
    atMost('idle server, 5 channels × 40,000 SKUs: CPU of one core', 5, '%', single('idle.cpu')),
    atMost('overview in a browser, 5 channels × 40,000 SKUs', 1_000, 'ms', single('idle.overview')),
  ]),
  ...of('till-upload', [
    atMost('till upload of 10,000 lines over HTTP', 10, 's', single('till.upload')),
    atMost('live commands beside a till upload ÷ alone: p50', 2, '×', ratio('till.beside.p50', 'till.alone.p50')),
    atMost('live commands beside a till upload ÷ alone: p99', 2, '×', ratio('till.beside.p99', 'till.alone.p99')),
  ]),
  ...of('observe', [
    atLeast(
      'commands, metrics read each second and a dashboard ÷ none: one by one',
      0.97,
      '×',
      ratio('observe.on.single', 'observe.off.single'),
    ),
    atLeast(
      'commands, metrics read each second and a dashboard ÷ none: in batches',
      0.97,
      '×',
      ratio('observe.on.batch', 'observe.off.batch'),
    ),
    atLeast(
      'commands, traces of 1 % ÷ none: one by one',
      0.97,
      '×',
      ratio('observe.sampled.single', 'observe.off.single'),
    ),
  ]),
];

/** @param named parts that ran because they were named: only what concerns them, or was measured anyway. None: all. */
export function judge(figures: Figures, named: readonly string[] = []): readonly Judged[] {
  return TARGETS.map((target) => judgeOne(target, figures)).filter(
    ({ part, verdict }) => named.length === 0 || named.includes(part) || verdict !== 'not measured',
  );
}

function judgeOne({ part, title, sense, bound, unit, value }: Target, figures: Figures): Judged {
  const measured = value(figures);
  const base = {
    ...{ part, title, value: measured, unit },
    target: `${sense === 'at least' ? '≥' : '≤'} ${bound.toLocaleString('en')} ${unit}`,
  };
  if (measured === undefined || Number.isNaN(measured)) return { ...base, verdict: 'not measured' };
  const isMet = sense === 'at least' ? measured >= bound : measured <= bound;
  if (isMet) return { ...base, verdict: 'met' };
  return { ...base, verdict: 'missed', missedBy: Math.abs(measured - bound) / bound };
}
