// Stores whose tills keep what they sell and upload it: every few minutes, or hours later when the store was offline. Each
// line has the till's own counter, so what an upload lacks is seen.
import type { Api } from './api.ts';

export interface UploadTills {
  /** A line without its counter. */
  keep(store: string, line: Readonly<Record<string, unknown>>): void;
  /** Of every store that is online. */
  upload(offline: string | undefined): void;
  /** Nothing is under way. @throws Error of an upload that was not taken */
  idle(): Promise<void>;
}

interface Till {
  counter: number;
  kept: object[];
  sending: Promise<void> | undefined;
}

export function createUploadTills(stores: readonly string[], api: Api): UploadTills {
  const tills = new Map(stores.map((store): [string, Till] => [store, { counter: 0, kept: [], sending: undefined }]));
  let failed: unknown;
  const send = async (store: string, till: Till) => {
    const lines = till.kept;
    till.kept = [];
    await api.upload(`till-${store}`, store, lines).catch((error: unknown) => {
      failed ??= error;
    });
    till.sending = undefined;
  };
  return {
    keep(store, line) {
      const till = tills.get(store)!;
      till.counter += 1;
      till.kept.push({ counter: till.counter, ...line });
    },
    upload(offline) {
      for (const [store, till] of tills) {
        if (store !== offline && till.kept.length > 0) till.sending ??= send(store, till);
      }
    },
    async idle() {
      await Promise.all([...tills.values()].map(({ sending }) => sending));
      if (failed !== undefined) throw failed;
    },
  };
}
