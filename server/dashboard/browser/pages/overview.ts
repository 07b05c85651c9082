// Everything at a glance: what is behind, what fails, where stock disagrees; live.
import { html } from 'htm/preact';
import { useMemo } from 'preact/hooks';
import { type History, type Overview, useOverview, type Watching } from '../api/watching.ts';
import { count, duration, figure, plural, short } from '../format.ts';
import { Chart, type Series } from '../parts/chart.ts';
import { LiveBadge, LiveBanner } from '../parts/live-badge.ts';
import { Empty, Loading } from '../parts/states.ts';
import { Tile } from '../parts/tile.ts';
import { hrefOf, hrefWith } from '../shell/route.ts';
import { ChannelsCard } from './overview/channels-card.ts';
import { CasesCard, ErpsCard, ReconciliationCard } from './overview/control-cards.ts';
import { SealsTile, SealTroubleCard } from './overview/seals.ts';

export function View() {
  const watching = useOverview();
  const { overview, live, retry } = watching;
  return html`<div class="heading">
      <h1>Overview</h1>
      <${LiveBadge} live=${live} />
    </div>
    <${LiveBanner} live=${live} retry=${retry} />
    ${overview.value === undefined ? live.value.state === 'connecting' && html`<${Loading} />` : html`<${Figures} ...${{ watching, overview: overview.value }} />`}`;
}

function Figures({ watching, overview }: { readonly watching: Watching; readonly overview: Overview }) {
  const history = watching.history.value;
  return html`<div class="cards overview">
    <${Tiles} overview=${overview} history=${history} />
    ${overview.seals?.trouble && html`<${SealTroubleCard} trouble=${overview.seals.trouble} />`}
    <${ChannelsCard} overview=${overview} history=${history} />
    <${LagCard} history=${history} />
    ${overview.cases && html`<${CasesCard} cases=${overview.cases} />`}
    ${overview.reconciliation && html`<${ReconciliationCard} subjects=${overview.reconciliation} />`}
    ${overview.erps && html`<${ErpsCard} erps=${overview.erps} />`}
  </div>`;
}

function Tiles({ overview, history }: { readonly overview: Overview; readonly history: History }) {
  const { commands, oversold, cases, projections, channels, seals } = overview;
  const published = channels.flatMap(({ publishing }) => (publishing === undefined ? [] : [publishing]));
  const refused = published.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const failed = channels.reduce((sum, { updates }) => sum + updates.unknown + updates.postponed + updates.refused, 0);
  return html`<div class="tiles">
    ${
      commands &&
      html`<${Tile} name="Commands a second" value=${figure(commands.perSecond)} note=${`${short(commands.taken)} taken since the start`} history=${history.commandsPerSecond} />
        <${Tile} name="Duplicates absorbed" value=${short(commands.duplicates)} note="came again, without effect" />
        <${Tile} name="Conflicts" value=${short(commands.conflicts)} note="overtaken, and judged again" />`
    }
    <${Tile} name="Failed updates" value=${short(failed)} tone=${refused > 0 ? 'bad' : undefined} href=${hrefOf('channels')}
      note=${refused > 0 ? `${plural(refused, 'value')} refused now` : 'told again since'} />
    ${
      oversold &&
      html`<${Tile} name="Oversold" value=${short(oversold.stocks)} tone=${oversold.stocks > 0 ? 'bad' : 'good'} history=${history.oversold}
        href=${cases && hrefWith({ kind: 'shortfall' }, 'cases')}
        note=${oversold.stocks === 0 ? 'no SKU-location' : `SKU-locations, ${plural(oversold.units, 'unit')}`} />`
    }
    ${
      cases &&
      html`<${Tile} name="Open cases" value=${count(cases.open)} tone=${cases.overdue > 0 ? 'bad' : undefined} history=${history.openCases} href=${hrefOf('cases')}
        note=${cases.overdue > 0 ? `${count(cases.overdue)} overdue` : 'none overdue'} />`
    }
    ${seals && html`<${SealsTile} seals=${seals} />`}
    ${
      (projections.lagging || projections.deadLetters > 0) &&
      html`<${Tile} name="Figures behind" value=${duration(projections.lagMs)} tone="bad" note=${`${plural(projections.deadLetters, 'event')} set aside`} />`
    }
  </div>`;
}

const COLOURS = 6;

function LagCard({ history }: { readonly history: History }) {
  const isKnown = (channel: string) => history.channels[channel]!.p99Ms.some((ms) => ms !== null);
  const names = Object.keys(history.channels).filter(isKnown);
  const times = useMemo(() => history.at.map((ms) => ms / 1_000), [history.at]);
  const series = useMemo(
    () =>
      names.map(
        (channel, n): Series => ({
          label: channel,
          // A channel that came later has fewer values.
          values: history.at.map((_, at) => seconds(history.channels[channel]!.p99Ms.at(at - history.at.length))),
          colour: (n % COLOURS) + 1,
        }),
      ),
    [history],
  );
  return html`<section class="card lag-card" aria-labelledby="lag-title">
    <h2 id="lag-title">Propagation lag, p99 <small>from a change to the channel knowing, the last half hour</small></h2>
    ${
      names.length === 0 || times.length < 2
        ? html`<${Empty} title="Nothing measured yet" text="A point is added every 5 seconds." />`
        : html`<${Chart} label="Propagation lag p99 by channel over the last half hour; the latest values are in the table of channels"
            times=${times} series=${series} format=${(value: number) => duration(value * 1_000)} height=${210} />`
    }
  </section>`;
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / 1_000;
}
