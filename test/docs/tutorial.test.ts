// docs/tutorial.md works as it stands: its commands are run as they are written there (on other ports), and each answers
// what the text says, line by line, where `…` stands for anything.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, type Expected, misses } from '../support/document-blocks.ts';
import { freePort } from '../support/free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { named, steps } = blocksOf(readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8'));

const processes: ChildProcess[] = [];
let directory: string;
let mine: (text: string) => string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tutorial-'));
  const [api, marketplace] = [await freePort(), await freePort()];
  const onPorts = (text: string) => text.replaceAll('8080', `${api}`).replaceAll('8090', `${marketplace}`);
  const policy = join(directory, 'policy.json');
  writeFileSync(policy, onPorts(readFileSync(join(ROOT, 'docs/examples/policy-tutorial.json'), 'utf8')));
  mine = (text) =>
    onPorts(text)
      .replace('npm ci\n', '')
      .replace('docs/examples/policy-tutorial.json', policy)
      .replace('$(mktemp -d)', join(directory, 'log'));
  environment = {
    ...process.env,
    PORT: `${api}`,
    LOG_LEVEL: 'error',
    PATH: `${ROOT}node_modules/.bin:${process.env['PATH']}`,
  };
});

afterAll(async () => {
  await Promise.all(processes.map(stop));
  rmSync(directory, { recursive: true, force: true });
});

describe('the tutorial', () => {
  it('sells three bells once, and proves it', { timeout: 180_000 }, async () => {
    const [secrets, functions, ...rest] = steps;
    const prologue = `${secrets!.commands}\n${functions!.commands}`;
    await serve(`${secrets!.commands}\n${named.get('marketplace')!.commands}`, /listening on/);
    const evenstock = `${secrets!.commands}\n${named.get('evenstock')!.commands}`;
    const serving = await serve(evenstock, /listens on/);
    for (const { commands, answers } of rest)
      expect(misses(answers, await bash(`${prologue}\n${commands}`))).toEqual([]);
    await stop(serving);
    const { commands, answers } = named.get('verify')!;
    const settings = evenstock.replace('npm start', '');
    expect(misses(answers, await bash(`${settings}\n${commands}`))).toEqual([]);
    expect(answeredSteps(rest)).toBeGreaterThan(6);
  });
});

const answeredSteps = (all: readonly { readonly answers: Expected }[]) =>
  all.filter(({ answers }) => answers.length > 0).length;

/** Runs until the end of the test. Resolves when it says that it is there. */
function serve(commands: string, there: RegExp): Promise<ChildProcess> {
  const child = spawn('bash', ['-ec', mine(commands)], { cwd: ROOT, env: environment, detached: true });
  processes.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk;
      if (there.test(said)) resolve(child);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
}

/** Standard output. Fails when the shell does. */
function bash(commands: string): Promise<string> {
  const child = spawn('bash', ['-c', `set -m; ${mine(commands)}`], { cwd: ROOT, env: environment });
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (complaint += chunk));
    child.on('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`ended with ${code}: ${complaint}`))));
  });
}

/** With npm and what it started. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid!, 'SIGTERM');
  await exited;
}
