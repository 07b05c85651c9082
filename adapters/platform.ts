// The platform's clock and hashes, behind the domain's interfaces.
import { hash } from 'node:crypto';
import type { Hashes } from '../domain/event-id.ts';
import type { Clock } from '../domain/time.ts';

export const systemClock: Clock = { now: () => Date.now() };

export const systemHashes: Hashes = {
  sha1Hex: (text) => hash('sha1', text, 'hex'),
  sha256Base64Url: (text) => hash('sha256', text, 'base64url'),
};
