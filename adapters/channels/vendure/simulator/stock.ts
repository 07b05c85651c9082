// The stock of a simulated Vendure: variants with on-hand and allocated at its stock locations, counted as the real one does
// (test/adapters/channels/vendure/facts.test.ts).

export interface SimulatedLevel {
  readonly stockLocationId: string;
  stockOnHand: number;
  stockAllocated: number;
}

export interface SimulatedVariant {
  readonly id: string;
  readonly sku: string;
  trackInventory: 'TRUE' | 'FALSE' | 'INHERIT';
  outOfStockThreshold: number;
  useGlobalOutOfStockThreshold: boolean;
  readonly stockLevels: SimulatedLevel[];
}

export interface SimulatedStock {
  readonly variants: ReadonlyMap<string, SimulatedVariant>;
  /** @returns its id */
  add(sku: string, onHand: number): string;
  /** What buyers can have. @throws Error for a variant that is not there */
  sellable(variant: string): number;
  /** At the first stock location. */
  move(variant: string, by: { readonly onHand?: number; readonly allocated?: number }): void;
  /** @returns false when there is no such variant or location */
  setOnHand(variant: string, location: string, onHand: number): boolean;
}

export const SIMULATED_LOCATION = '1';

export function createStock(): SimulatedStock {
  const variants = new Map<string, SimulatedVariant>();
  const found = (id: string) => {
    const variant = variants.get(id);
    if (variant === undefined) throw new Error(`there is no variant ${id}`);
    return variant;
  };
  return {
    variants,
    add(sku, onHand) {
      const id = String(variants.size + 1);
      const level = { stockLocationId: SIMULATED_LOCATION, stockOnHand: onHand, stockAllocated: 0 };
      const settings = {
        trackInventory: 'INHERIT',
        outOfStockThreshold: 0,
        useGlobalOutOfStockThreshold: true,
      } as const;
      variants.set(id, { id, sku, ...settings, stockLevels: [level] });
      return id;
    },
    sellable(id) {
      const { stockLevels, outOfStockThreshold, useGlobalOutOfStockThreshold } = found(id);
      const free = stockLevels.reduce((sum, one) => sum + one.stockOnHand - one.stockAllocated, 0);
      return free - (useGlobalOutOfStockThreshold ? 0 : outOfStockThreshold);
    },
    move(id, { onHand = 0, allocated = 0 }) {
      const [level] = found(id).stockLevels;
      level!.stockOnHand += onHand;
      level!.stockAllocated += allocated;
    },
    setOnHand(id, location, onHand) {
      const level = variants.get(id)?.stockLevels.find(({ stockLocationId }) => stockLocationId === location);
      if (level !== undefined) level.stockOnHand = onHand;
      return level !== undefined;
    },
  };
}
