// How webhooks are called: with the secret that a policy names, where the operator lets them.
import type { Secrets } from '../../adapters/secrets.ts';
import { createAttempts } from '../../adapters/webhooks/attempts.ts';
import { hostRules, type WebhookHosts } from '../../adapters/webhooks/hosts.ts';
import { createSender } from '../../adapters/webhooks/sender.ts';
import type { ConnectWebhook } from '../webhooks/open-webhooks.ts';
import type { ProcessTime } from './time.ts';

export function webhooksBy(
  secrets: Secrets,
  names: WebhookHosts,
  { clock, timers, random }: Pick<ProcessTime, 'clock' | 'timers' | 'random'>,
): ConnectWebhook {
  const hosts = hostRules(names);
  return ({ url, secretEnv }) => ({
    sender: createSender({ url, secret: () => secrets.secret(secretEnv), hosts, clock }),
    attempts: createAttempts(timers, random),
  });
}
