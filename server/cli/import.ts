// `evenstock import`: a file of movements to a running server, over the same API as everybody else.
import { systemClock } from '../../adapters/platform.ts';
import { httpTarget } from './import/http-target.ts';
import { type ImportFlags, runImport } from './import/run-import.ts';

export interface ImportCommandOptions extends Omit<ImportFlags, 'file'> {
  readonly url: string;
  readonly key?: string;
}

export async function importCommand(file: string, { url, key, ...flags }: ImportCommandOptions): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.exitCode = await runImport(
    { file, ...flags },
    {
      openTarget: () => httpTarget({ url, apiKey: key ?? process.env['EVENSTOCK_KEY'] }),
      stdout: process.stdout,
      stderr: process.stderr,
      clock: systemClock,
      signal: stop.signal,
    },
  );
}
