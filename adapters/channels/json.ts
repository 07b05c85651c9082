// Text that should be JSON, read without throwing: what is not becomes undefined, which no schema takes.

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
