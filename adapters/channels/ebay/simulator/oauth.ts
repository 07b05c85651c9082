// The simulated token endpoint: an access token for a refresh token, to a client that proves who it is.
import { randomUUID } from 'node:crypto';
import type { Call } from '../../simulator/broken-answers.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

export interface OAuth {
  grant(call: Call): Promise<Response>;
  /** Whether a call carries a token that is still good. */
  allows(call: Call): boolean;
  /** Every token that was granted ends now. */
  end(): void;
}

export function createOAuth(credentials: Credentials, lifeSeconds: number, now: () => number): OAuth {
  const granted = new Map<string, number>();
  const { clientId, clientSecret, refreshToken } = credentials;
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const refused = (call: Call, status: 400 | 401, error: string) =>
    call.json({ error, error_description: `${error}: see the documentation` }, status);
  return {
    async grant(call) {
      if (call.req.header('authorization') !== basic) return refused(call, 401, 'invalid_client');
      const body = new URLSearchParams(await call.req.text());
      if (body.get('grant_type') !== 'refresh_token') return refused(call, 400, 'unsupported_grant_type');
      if (body.get('refresh_token') !== refreshToken) return refused(call, 400, 'invalid_grant');
      const token = `v^1.1#simulated#${randomUUID()}`;
      granted.set(token, now() + lifeSeconds * 1_000);
      return call.json({ access_token: token, expires_in: lifeSeconds, token_type: 'User Access Token' });
    },
    allows(call) {
      const until = granted.get((call.req.header('authorization') ?? '').replace(/^Bearer /, ''));
      return until !== undefined && now() < until;
    },
    end: () => granted.clear(),
  };
}
