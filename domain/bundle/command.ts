// Which commands a bundle takes: those that its components can be moved by. What counts, receives or moves stock is for
// the components themselves: a bundle has none.
import { QUANTITY_MAX, type StockCommand } from '../stock/commands.ts';
import type { Bundle } from './bundles.ts';

const TYPES = [
  'sale',
  'return',
  'fulfilment',
  'reservation.make',
  'reservation.renew',
  'reservation.commit',
  'reservation.release',
  'reservation.expire',
] as const;
const TAKEN: ReadonlySet<string> = new Set(TYPES);

export type BundleCommand = Extract<StockCommand, { type: (typeof TYPES)[number] }>;
export type BundleCommandOf<T extends BundleCommand['type']> = Extract<BundleCommand, { type: T }>;

export function isBundleCommand(command: StockCommand): command is BundleCommand {
  return TAKEN.has(command.type);
}

/** What is wrong with a command for a bundle, whatever has happened to it. */
export interface BadBundleCommand {
  readonly reason: 'bundle-has-no-stock' | 'invalid-command';
  readonly field: string;
  readonly message: string;
}

export function badForBundle(command: StockCommand, bundle: Bundle): BadBundleCommand | undefined {
  const { sku } = command;
  if (!isBundleCommand(command)) {
    const parts = bundle.components.map((component) => component.sku).join(', ');
    const message = `${sku} is a bundle and holds no stock: send ${command.type} for its components (${parts})`;
    return { reason: 'bundle-has-no-stock', field: 'sku', message };
  }
  const quantity = 'quantity' in command ? (command.quantity ?? 1) : 1;
  const beyond = bundle.components.find((component) => component.quantity * quantity > QUANTITY_MAX);
  if (beyond === undefined) return undefined;
  const message = `makes more than ${QUANTITY_MAX} units of component ${beyond.sku}`;
  return { reason: 'invalid-command', field: 'quantity', message };
}
