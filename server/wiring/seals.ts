// Opens the sealing of a server's own log: where the seals go and with which key is checked before anything else is opened.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemHashes } from '../../adapters/platform.ts';
import { type RoundsRoom, sealRounds } from '../../adapters/seals/seal-rounds.ts';
import { type SigningKey, signingKey } from '../../adapters/seals/signing.ts';
import { MissingSecret, secretsOf } from '../../adapters/secrets.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { type Config, ConfigError } from '../config.ts';
import type { Logger } from '../logging.ts';
import { gaugeSealing } from '../seals/gauges.ts';
import { type Sealing, startSealing } from '../seals/sealing.ts';
import { isWithin, outside } from '../seals/settings.ts';

const KEY = 'SEAL_KEY';
const FILE = 'seals.ndjson';

interface OpenRoom extends Omit<RoundsRoom, 'file' | 'key' | 'hashes' | 'signal'> {
  readonly logger: Logger;
  readonly telemetry: Telemetry | undefined;
}

export interface PreparedSeals {
  open(room: OpenRoom): Sealing;
}

/** Undefined: it is not configured, or another node does it. @throws ConfigError */
export function prepareSeals(
  { seals, nodeRole, dataDir, eventLog }: Config,
  env: Readonly<Record<string, string | undefined>>,
): PreparedSeals | undefined {
  if (seals === undefined || nodeRole !== 'all') return undefined;
  const { directory, everyMs } = seals;
  // Not made here: a folder that is not there is a disk that is not there, or a name that was misspelt.
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConfigError(`SEALS_DIR: there is no folder ${directory}`);
  }
  const real = realpathSync(directory);
  for (const other of eventLog.kind === 'embedded' ? [dataDir, eventLog.directory] : [dataDir]) {
    if (!existsSync(other)) continue;
    const [kept, why] = [realpathSync(other), outside(other)];
    if (isWithin(real, kept) || isWithin(kept, real)) throw new ConfigError(`SEALS_DIR: ${why}`);
  }
  const key = () => readKey(env);
  key();
  const own = { key, hashes: systemHashes, file: join(directory, FILE) };
  return {
    open(room) {
      const rounds = (signal: AbortSignal) => sealRounds({ ...room, ...own, signal });
      const sealing = startSealing({ ...room, everyMs, rounds });
      gaugeSealing(room.telemetry, sealing);
      return sealing;
    },
  };
}

/** @throws ConfigError, which shows nothing of it */
function readKey(env: Readonly<Record<string, string | undefined>>): SigningKey {
  try {
    return signingKey(secretsOf(env).secret(KEY));
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof MissingSecret) throw new ConfigError(`Seals need a key to sign with: ${message}`);
    throw new ConfigError(`${KEY} (or ${KEY}_FILE) cannot be used: ${message}`);
  }
}
