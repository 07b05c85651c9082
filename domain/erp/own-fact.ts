// What an ERP tells (its receipts, its counts) as facts of stocks. Their ids are made of the ERP's own, so that reading
// them twice has its effect once; a count's id also says by how many units the count moved the ERP's books, which is what
// the poster must not post again (movement.ts).
import type { StockCommand } from '../stock/commands.ts';
import type { Instant } from '../time.ts';

export type ErpFact =
  | {
      readonly kind: 'receipt';
      /** The ERP's own id of it, without spaces. */
      readonly id: string;
      readonly sku: string;
      readonly location: string;
      readonly quantity: number;
      readonly occurredAt: Instant;
    }
  | {
      readonly kind: 'count';
      readonly id: string;
      readonly sku: string;
      readonly location: string;
      readonly counted: number;
      /** Units by which it moved the ERP's books. */
      readonly booked: number;
      readonly occurredAt: Instant;
    };

export function factCommand(erp: string, fact: ErpFact): StockCommand {
  const { sku, location, occurredAt } = fact;
  const common = { sku, location, occurredAt, source: { id: erp } };
  if (fact.kind === 'receipt') {
    return { ...common, id: `${erp}:receipt:${fact.id}`, type: 'receipt', quantity: fact.quantity };
  }
  return { ...common, id: `${erp}:count:${fact.id}:${fact.booked}`, type: 'count', counted: fact.counted };
}

/** Units by which the ERP's count of this command id moved its books; undefined: it is no count of that ERP. */
export function countedThere(erp: string, commandId: string): number | undefined {
  if (!commandId.startsWith(`${erp}:count:`)) return undefined;
  const booked = commandId.slice(commandId.lastIndexOf(':') + 1);
  return /^-?\d{1,10}$/.test(booked) ? Number(booked) : undefined;
}
