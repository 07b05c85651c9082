// `evenstock policy plan`, `apply` and `cancel`: what a document would change, and taking it. The server judges it, so that
// a file that passes here is a file that it takes.
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { ConfigError } from '../../config.ts';
import type { PolicyChangeAnswer, PolicyPlan } from '../../routes/openapi/policy.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';

interface Options extends ServerOptions {
  readonly json?: boolean;
}

type Plan = z.infer<typeof PolicyPlan>;

export async function plan(file: string, options: Options & { readonly effectiveFrom?: string }): Promise<void> {
  const planned = await planOf(await documentIn(file), options);
  if (options.json) return print(planned);
  process.stdout.write(planText(planned));
}

export async function apply(
  file: string,
  options: Options & { readonly reason: string; readonly effectiveFrom?: string; readonly basedOn?: string },
): Promise<void> {
  const document = await documentIn(file);
  const planned = await planOf(document, options);
  const { reason, effectiveFrom, basedOn = planned.against } = options;
  const answer = (await askServer('/v1/policy', options, { document, reason, effectiveFrom, basedOn })) as Answer;
  if (options.json) return print(answer);
  process.stdout.write(
    answer.changed ? planText(planned) + answerText(answer) : `nothing to do: ${answerText(answer)}`,
  );
}

export async function cancel(version: string, options: Options & { readonly reason: string }): Promise<void> {
  const path = `/v1/policy/versions/${encodeURIComponent(version)}/cancel`;
  const answer = (await askServer(path, options, { reason: options.reason })) as Answer;
  if (options.json) return print(answer);
  process.stdout.write(answerText(answer));
}

type Answer = z.infer<typeof PolicyChangeAnswer>;

async function planOf(document: unknown, options: Options & { readonly effectiveFrom?: string }): Promise<Plan> {
  const { effectiveFrom } = options;
  return (await askServer('/v1/policy/plan', options, { document, effectiveFrom })) as Plan;
}

/** @throws ConfigError */
async function documentIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function planText({ version, against, changes, changesInAll, figures }: Plan): string {
  const lines = [`${version} after ${against ?? 'nothing'}: ${changesInAll} changes`];
  for (const { path, change, before, after } of changes) {
    if (change === 'added') lines.push(`  + ${path} ${brief(after)}`);
    else if (change === 'removed') lines.push(`  - ${path} ${brief(before)}`);
    else lines.push(`  ~ ${path} ${brief(before)} → ${brief(after)}`);
  }
  if (changesInAll > changes.length) lines.push(`  … and ${changesInAll - changes.length} more`);
  lines.push(`${figures.changed} available-to-sell figures change`);
  for (const { channel, changed, lower, higher, examples } of figures.channels) {
    const some = examples.map(({ sku, before, after }) => `${sku} ${before} → ${after}`).join(', ');
    lines.push(`  ${channel}: ${changed} (${lower} lower, ${higher} higher), such as ${some}`);
  }
  return `${lines.join('\n')}\n`;
}

function answerText({ version, state, effectiveFrom }: Answer): string {
  switch (state) {
    case 'in-force':
      return `${version} is in force since ${effectiveFrom}\n`;
    case 'scheduled':
      return `${version} will be in force from ${effectiveFrom}\n`;
    case 'cancelled':
      return `${version} is cancelled\n`;
    case 'past':
      return `${version} was in force from ${effectiveFrom}\n`;
  }
}

const BRIEF_CHARS = 100;

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > BRIEF_CHARS ? `${text.slice(0, BRIEF_CHARS)}…` : text;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
