// `evenstock explain`: an available-to-sell figure with everything it was made from, now (by asking a server) or as of two
// times, then also from a log that no server has open.

import { systemClock } from '../../adapters/platform.ts';
import { bigintAsText } from '../../domain/bigint-json.ts';
import type { Explanation, LocationPart } from '../../projections/availability.ts';
import { ConfigError } from '../config.ts';
import { readPolicyStream } from '../policy/stored.ts';
import { readFigureAt } from '../routes/figure-at.ts';
import { askServer } from './ask-server.ts';
import { printTable } from './print-table.ts';
import { withLog } from './stores.ts';
import { forPeople, type TimesOptions, timesOf, timesQuery } from './times.ts';

export interface ExplainOptions extends TimesOptions {
  readonly url?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** Positions as an answer has them. */
type Shown = Omit<Explanation, 'asOf'> & { readonly asOf: unknown };

export async function explain(channel: string, sku: string, options: ExplainOptions): Promise<void> {
  const times = timesOf(options, systemClock.now());
  if (options.url !== undefined) {
    const path = `/v1/availability/${encodeURIComponent(channel)}/${encodeURIComponent(sku)}/explain`;
    const server = { url: options.url, ...(options.key !== undefined && { key: options.key }) };
    return print((await askServer(path + timesQuery(options), server)) as Shown, options);
  }
  if (times === undefined) throw new ConfigError('the figure of now is asked of a server: give --url, or a time');
  await withLog(async (log) => {
    const { history } = await readPolicyStream(log);
    print(await forPeople(readFigureAt(log, history, { channel, sku, ...times })), options);
  });
}

function print(explanation: Shown, { json }: ExplainOptions): void {
  if (json) return void process.stdout.write(`${JSON.stringify(explanation, bigintAsText)}\n`);
  const { channel, sku, units, policyVersion, asOf, terms, pool, bundle, lagPriceLeftOut } = explanation;
  const { on, percentage, buffer, lagPrice, cap } = terms;
  const lines = [
    `${units} of ${sku} for ${channel}, by policy ${policyVersion}, as of position ${asOf}`,
    bundle === undefined
      ? `pool ${pool}, of it ${percentage} %, less buffer ${buffer}${lagPrice === undefined ? '' : ` and lag price ${lagPrice.units}`}${cap === undefined ? '' : `, at most ${cap}`}${on ? '' : '; the channel is off'}`
      : `a bundle (${bundle.version}): the least that a component makes`,
    ...(lagPriceLeftOut ? ['the channel had a lag-priced buffer then, which is left out: it showed this or less'] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  printLocations(sku, explanation.locations, bundle === undefined);
  for (const { sku: component, quantity, units: available, makes, locations } of bundle?.components ?? []) {
    process.stdout.write(`${component}: ${available} units, ${quantity} each, make ${makes}\n`);
    printLocations(component, locations, true);
  }
}

function printLocations(sku: string, locations: readonly LocationPart[], isShown: boolean): void {
  if (!isShown) return;
  const columns = ['location', 'on-hand', 'reserved', 'quarantined', 'safety', 'quotas', 'units', 'life', 'position'];
  const rows = locations.map(({ location, levels, safetyStock, quotasOfOthers, units, life, position }) =>
    [
      location,
      levels.onHand,
      levels.reserved,
      levels.quarantined,
      safetyStock,
      quotasOfOthers,
      units,
      life,
      position,
    ].map(String),
  );
  printTable(columns, rows, `no location has held ${sku}`);
}
