// A SKU at all its locations: what is there, promised, under way and put aside, and what each adds to the pool of each channel.
import { html } from 'htm/preact';
import { useMemo } from 'preact/hooks';
import type { z } from 'zod';
import type { SkuStock } from '../../../../routes/openapi/sku-documents.ts';
import { count, plural } from '../../format.ts';
import { Badge } from '../../parts/badge.ts';
import { type Column, Table } from '../../parts/table.ts';
import { Tile } from '../../parts/tile.ts';
import { setQuery } from '../../shell/route.ts';

export type Stock = z.infer<typeof SkuStock>;
type Row = Stock['stock'][number];

export function StockTiles({ of: { stock } }: { readonly of: Stock }) {
  const sum = (figure: (row: Row) => number) => stock.reduce((all, row) => all + figure(row), 0);
  const oversold = stock.filter((row) => row.oversold > 0);
  const units = sum((row) => row.oversold);
  return html`<div class="tiles">
    <${Tile} name="On-hand" value=${count(sum(({ onHand }) => onHand))} note=${`at ${plural(stock.length, 'location')}`} />
    <${Tile} name="Reserved" value=${count(sum(({ reserved }) => reserved))} note="promised, not gone yet" />
    <${Tile} name="Quarantined" value=${count(sum(({ quarantined }) => quarantined))} note="there, and not to be sold" />
    <${Tile} name="In-transit" value=${count(sum(({ inTransitIn }) => inTransitIn))} note="on their way to a location" />
    <${Tile} name="Oversold" value=${count(units)} tone=${units > 0 ? 'bad' : 'good'}
      note=${units > 0 ? `promised beyond what is there, at ${plural(oversold.length, 'location')}` : 'at no location'} />
  </div>`;
}

interface StockProps {
  readonly of: Stock;
  /** Its timeline is shown. */
  readonly chosen: string | undefined;
}

export function StockCard({ of: { stock, at, partial }, chosen }: StockProps) {
  const channels = useMemo(
    () => [...new Set(stock.flatMap(({ contributes }) => Object.keys(contributes ?? {})))].sort(),
    [stock],
  );
  const note = at === undefined ? 'what each adds to the pool of a channel stands last' : 'as of the times above';
  return html`<section class="card" aria-labelledby="stock-title">
    <h2 id="stock-title">Stock by location <small>${partial ? 'only those this key may see' : note}</small></h2>
    <${Table} caption="Stock by location" columns=${columns(channels, chosen)} rows=${stock} keyOf=${({ location }: Row) => location} />
  </section>`;
}

function columns(channels: readonly string[], chosen: string | undefined): readonly Column<Row>[] {
  return [
    {
      key: 'location',
      title: 'Location',
      by: ({ location }) => location,
      cell: ({ location, life }) =>
        html`<button type="button" class="link" aria-pressed=${location === chosen} title="Show its timeline alone"
            onClick=${() => setQuery({ location: location === chosen ? undefined : location })}>${location}</button>
          ${life !== 'active' && html` <${Badge} tone="warn" text=${life} title="Not sold" />`}`,
    },
    figure('onHand', 'On-hand'),
    figure('reserved', 'Reserved'),
    figure('quarantined', 'Quarantined', true),
    figure('inTransitIn', 'Coming in', true),
    figure('inTransitOut', 'Going out', true),
    {
      ...figure('available', 'Available'),
      cell: ({ available, oversold }) =>
        html`${oversold > 0 && html`<${Badge} tone="bad" text=${`${count(oversold)} oversold`} /> `}${count(available)}`,
    },
    ...channels.map((channel): Column<Row> => {
      const units = ({ contributes }: Row) => contributes?.[channel];
      return {
        ...{ key: `to ${channel}`, title: `→ ${channel}`, isFigure: true, isMinor: channels.length > 3, by: units },
        cell: (row) => html`<strong>${count(units(row))}</strong>`,
      };
    }),
  ];
}

type Figure = 'onHand' | 'reserved' | 'quarantined' | 'inTransitIn' | 'inTransitOut' | 'available';

function figure(name: Figure, title: string, isMinor = false): Column<Row> {
  return { key: name, title, isFigure: true, isMinor, by: (row) => row[name], cell: (row) => count(row[name]) };
}
