// Positions are bigint, which JSON does not have: as decimal text, because a JSON number cannot hold them.

/** The replacer of `JSON.stringify`. */
export function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
