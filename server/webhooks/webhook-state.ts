// How telling a webhook goes, in a word.

/**
 * off: switched off by policy · starting: not ours yet · current: all is sent · sending: it goes on · outage: it does not
 * answer, or denies us · gone: it answered 410, and is not called until its policy changes or a replay is asked · failed:
 * something here is wrong.
 */
export const WEBHOOK_STATES = ['off', 'starting', 'current', 'sending', 'outage', 'gone', 'failed'] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];
