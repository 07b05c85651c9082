// What OpenTelemetry's SDK complains of (an endpoint that does not answer, spans dropped), as lines of the product's own
// log: shortened, and at most one a minute, because an endpoint that is down fails every few seconds.
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

const QUIET_MS = 60_000;
const LENGTH_MAX = 300;

export type Warn = (reason: string) => void;

/** `now` in ms of any clock that does not go back. */
export function forwardDiagnostics(warn: Warn, now: () => number): void {
  diag.setLogger(diagnosticsLogger(warn, now), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

export function diagnosticsLogger(warn: Warn, now: () => number): DiagLogger {
  let quietUntil = Number.NEGATIVE_INFINITY;
  let kept = 0;
  const complain = (message: string, ...rest: unknown[]) => {
    if (now() < quietUntil) {
      kept += 1;
      return;
    }
    const more = kept > 0 ? ` (and ${kept} more since the last line)` : '';
    warn(`${[message, ...rest].map(reasonOf).join(' ').slice(0, LENGTH_MAX)}${more}`);
    kept = 0;
    quietUntil = now() + QUIET_MS;
  };
  const ignore = () => {};
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
}

/** The SDK passes an error as the JSON of its properties, stack included. An AggregateError has an empty message. */
function reasonOf(part: unknown): string {
  if (part instanceof Error) return part.message || String((part as NodeJS.ErrnoException).code ?? part.name);
  const text = String(part);
  if (!text.startsWith('{')) return text;
  try {
    const { message, code, name } = JSON.parse(text) as Partial<Record<string, string>>;
    return message ?? code ?? name ?? text;
  } catch {
    return text;
  }
}
