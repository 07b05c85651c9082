// Runs one part, named by the first argument, and answers over IPC. Whatever ends this process ends its children.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Mode, type Part, SIZES } from './part.ts';
import { PARTS } from './parts/all.ts';

const [name, mode, parent] = process.argv.slice(2) as [string, Mode, string];
const directory = mkdtempSync(join(parent, 'evenstock-bench-'));
// PostgreSQL runs as another user and must get to its folder in here.
chmodSync(directory, 0o755);
// Whatever a part puts into the temporary folder goes with it.
process.env['TMPDIR'] = directory;
process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.once('disconnect', () => process.exit(1));

try {
  const part = (PARTS as readonly Part[]).find((each) => each.name === name)!;
  const sizes = SIZES[mode];
  const result = await part.run({ sizes, directory, progress: (text) => process.send?.({ progress: text }) });
  process.send?.({ result }, () => process.exit(0));
} catch (error) {
  process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, () =>
    process.exit(1),
  );
}
