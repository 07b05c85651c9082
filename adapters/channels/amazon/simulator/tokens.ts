// Login with Amazon, simulated: access tokens for a refresh token, each for an hour, and revoked at will.
import { randomUUID } from 'node:crypto';
import type { Call } from '../../simulator/broken-answers.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

export interface TokenDesk {
  readonly grant: (call: Call) => Promise<Response>;
  isValid(token: string | undefined): boolean;
  /** Takes back every token that was given so far. */
  revoke(): void;
  readonly granted: number;
  /** Every token that was given. */
  readonly issued: readonly string[];
}

const LIVES_S = 3_600;

export function createTokenDesk(credentials: Credentials, now: () => number): TokenDesk {
  const tokens = new Map<string, number>();
  const issued: string[] = [];
  return {
    async grant(call) {
      const form = new URLSearchParams(await call.req.text());
      const refuse = (status: 400 | 401, error: string, error_description: string) =>
        call.json({ error, error_description }, status);
      if (form.get('grant_type') !== 'refresh_token') {
        return refuse(400, 'unsupported_grant_type', 'The authorization grant type is not supported');
      }
      const isClient =
        form.get('client_id') === credentials.clientId && form.get('client_secret') === credentials.clientSecret;
      if (!isClient) return refuse(401, 'invalid_client', 'Client authentication failed');
      if (form.get('refresh_token') !== credentials.refreshToken) {
        return refuse(400, 'invalid_grant', 'The request has an invalid grant parameter : refresh_token');
      }
      const token = `Atza|${randomUUID()}`;
      tokens.set(token, now() + LIVES_S * 1_000);
      issued.push(token);
      const { refreshToken: refresh_token } = credentials;
      return call.json({ access_token: token, token_type: 'bearer', expires_in: LIVES_S, refresh_token });
    },
    isValid: (token) => (token === undefined ? false : (tokens.get(token) ?? 0) > now()),
    revoke: () => tokens.clear(),
    issued,
    get granted() {
      return issued.length;
    },
  };
}
