// The lines of an upload, each checked by itself: a till's line, then the command it becomes. A counter that stands for
// two different things in one upload is no repeat: the second is bad, and somebody must say which of them happened.
import type { Client } from '../auth/keys.ts';
import { faultsOf } from '../problems.ts';
import type { BatchLines } from '../routes/intake/batch-lines.ts';
import { type BadCommand, type Checked, type CommandChecks, checkCommand } from '../routes/intake/check-command.ts';
import { type CheckedLines, malformed } from '../routes/intake/judge-lines.ts';
import { commandOf, type TillDefaults, TillLine, tillCommandId } from './till-line.ts';

export function uploadLines(
  checks: CommandChecks,
  client: Client,
  { count, lineNumber, parse }: BatchLines,
  defaults: TillDefaults,
): CheckedLines {
  const said = new Map<number, { readonly line: number; readonly what: string }>();
  return {
    count,
    lineNumber,
    check(n): Checked {
      const parsed = parse(n);
      if (!parsed.ok) return { bad: malformed(parsed) };
      const till = TillLine.safeParse(parsed.value);
      if (!till.success) return { bad: badLine(till.error.issues, defaults.device, parsed.value) };
      const command = commandOf(till.data, defaults, (sku) => checks.policy().bundles.of(sku) === undefined);
      const { counter } = till.data;
      const what = JSON.stringify(command);
      const first = said.get(counter);
      if (first === undefined) said.set(counter, { line: lineNumber(n), what });
      else if (first.what !== what) return { bad: twice(counter, first.line, defaults.device) };
      return checkCommand(checks, client, command);
    },
  };
}

function badLine(issues: Parameters<typeof faultsOf>[0], device: string, value: unknown): BadCommand {
  const errors = faultsOf(issues);
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ');
  const counter = TillLine.shape.counter.safeParse((value as { counter?: unknown } | null)?.counter);
  const commandId = counter.success ? tillCommandId(device, counter.data) : undefined;
  return { reason: 'invalid-command', detail, commandId, errors };
}

function twice(counter: number, line: number, device: string): BadCommand {
  const message = `stands for something else in line ${line}`;
  const errors = [{ path: '/counter', rule: 'counter-reused', message }];
  return {
    reason: 'invalid-command',
    detail: `/counter ${counter} ${message}`,
    commandId: tillCommandId(device, counter),
    errors,
  };
}
