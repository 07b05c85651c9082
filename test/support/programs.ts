// Programs of the machine that some tests want; where one is missing its tests say so and skip.
import { spawnSync } from 'node:child_process';

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v "${name}"`], { env: withSystem() }).status === 0;
}

/** Debian keeps servers where an ordinary user's PATH does not look. */
export function withSystem(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
}
