// The id of a command: one goes with one intent, so that a call that is repeated has no second effect.

/** `crypto.randomUUID` is only there over TLS or on this machine. */
export function commandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `dashboard-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
