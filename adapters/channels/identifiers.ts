// The port for what another system calls our SKUs and locations. The names are data (imported, kept in the log), not an
// adapter's business: an adapter asks here and says `unmapped` where there is no answer.

export interface Identifier {
  /** The system's own id. */
  readonly id: string;
  /** Further ids that some of its calls want, such as an offer or the parent product. */
  readonly more?: Readonly<Record<string, string>> | undefined;
}

export interface Identifiers {
  /** Undefined: not mapped. */
  ofSku(sku: string): Identifier | undefined;
  /** Our SKU; undefined: nobody has mapped this id. */
  skuOf(id: string): string | undefined;
  ofLocation(location: string): Identifier | undefined;
  locationOf(id: string): string | undefined;
}

/** A system that uses our own names. */
export const sameIdentifiers: Identifiers = {
  ofSku: (sku) => ({ id: sku }),
  skuOf: (id) => id,
  ofLocation: (location) => ({ id: location }),
  locationOf: (id) => id,
};

/** What is mapped, and our own name where nothing is: for systems in which sellers choose the SKU. */
export function orSame(mapped: Identifiers): Identifiers {
  return {
    ofSku: (sku) => mapped.ofSku(sku) ?? { id: sku },
    skuOf: (id) => mapped.skuOf(id) ?? id,
    ofLocation: (location) => mapped.ofLocation(location) ?? { id: location },
    locationOf: (id) => mapped.locationOf(id) ?? id,
  };
}
