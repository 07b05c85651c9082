// What the crowd buys and sells, and how a command's id says whose it was: the same on the side that sends and the side
// that reads the log.

export const LOCATIONS = ['warehouse', 'store-1', 'store-2'] as const;
/** What many want at once. */
export const HOT_SKUS = 4;

export const skuName = (n: number): string => `SKU-${String(n).padStart(5, '0')}`;

export const commandId = (group: string, number: number): string => `${group}.${number}`;
export const tillName = (till: number): string => `t${till}`;

export interface Named {
  readonly group: string;
  readonly number: number;
}

/** Undefined: it is none of the crowd's. Till lines have ids by device and counter (docs/till-upload.md). */
export function parseCommandId(id: string): Named | undefined {
  const till = /^till:t(\d+):(\d+)$/.exec(id);
  if (till !== null) return { group: `till-${till[1]}`, number: Number(till[2]) };
  const own = /^([a-z]+)\.(\d+)$/.exec(id);
  return own === null ? undefined : { group: own[1]!, number: Number(own[2]) };
}
