// A transfer as the API shows it: instants as text, each line with what became of its units.
import { comingBack, setAside, type Transfer, type TransferLine, underWay } from '../../domain/transfer/transfer.ts';
import type { TransferRow } from '../../projections/transfers.ts';

export function transferView(transfer: Transfer, revision: number) {
  const { id, status, from, to, openedAt, heardAt, stuck, lines, discrepancies, owed } = transfer;
  return {
    ...{ id, status, from, to },
    openedAt: new Date(openedAt).toISOString(),
    heardAt: new Date(heardAt).toISOString(),
    stuck,
    lines: Array.from(lines.values(), lineView),
    discrepancies: discrepancies.map((one) => ({ ...one, occurredAt: new Date(one.occurredAt).toISOString() })),
    ...{ owed: owed.length, revision },
  };
}

function lineView(line: TransferLine) {
  const { sku, requested, dispatched, received, over, short, rejected, returned, shortBack, refusal } = line;
  return {
    ...{ sku, requested, setAside: setAside(line), dispatched, underWay: underWay(line), received, over, short },
    ...{ rejected, comingBack: comingBack(line), returned, shortBack },
    ...(refusal === undefined ? undefined : { refusal }),
  };
}

/** A transfer in a list, with the units of all its lines together. */
export function transferSummary({ id, status, from, to, openedAt, heardAt, stuck, lines, owed }: TransferRow) {
  let [kept, out, back] = [0, 0, 0];
  for (const [setAside, underWay, comingBack] of lines.values()) {
    kept += setAside;
    out += underWay;
    back += comingBack;
  }
  return {
    ...{ id, status, from, to },
    openedAt: new Date(openedAt).toISOString(),
    heardAt: new Date(heardAt).toISOString(),
    ...{ stuck, setAside: kept, underWay: out, comingBack: back, owed },
  };
}
