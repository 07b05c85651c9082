// What the clients of the crowd send: sales one by one and in batches, of what everybody wants and of everything, orders,
// and what tills kept. Every command has a number in its group's journal, and its id says it.
import { commandId, HOT_SKUS, LOCATIONS, skuName, tillName } from '../names.ts';
import type { Wish } from './group.ts';
import { createJournal, type Journal } from './journal.ts';

export interface Sender {
  readonly port: number;
  readonly key: string;
}

type Which = 'hot' | 'wide';

export interface Wishes {
  readonly journal: Journal;
  wish(): Wish;
}

export function requestText({ port, key }: Sender, path: string, type: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${key}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

function saleText(group: string, number: number, which: Which, skus: number): string {
  // A stride coprime to the number of SKUs.
  const sku = which === 'hot' ? number % HOT_SKUS : (number * 7_919) % skus;
  const location = which === 'hot' ? LOCATIONS[0] : LOCATIONS[number % LOCATIONS.length]!;
  const occurredAt = new Date().toISOString();
  return `{"type":"sale","id":"${commandId(group, number)}","sku":"${skuName(sku)}","location":"${location}","quantity":1,"occurredAt":"${occurredAt}"}`;
}

export function singles(sender: Sender, group: string, which: Which, skus: number): Wishes {
  const journal = createJournal();
  return {
    journal,
    wish() {
      const number = journal.next();
      const body = saleText(group, number, which, skus);
      return { text: requestText(sender, '/v1/commands', 'application/json', body), numbers: [number] };
    },
  };
}

export function batches(sender: Sender, group: string, which: Which, skus: number, lines: number): Wishes {
  const journal = createJournal();
  return {
    journal,
    wish() {
      const numbers = Array.from({ length: lines }, () => journal.next());
      const body = numbers.map((number) => saleText(group, number, which, skus)).join('\n');
      return { text: requestText(sender, '/v1/commands/batch', 'application/x-ndjson', body), numbers };
    },
  };
}

/** Two SKUs each, held for a while: nobody pays. */
export function orders(sender: Sender, group: string, skus: number, holdMs: number): Wishes {
  const journal = createJournal();
  return {
    journal,
    wish() {
      const number = journal.next();
      const first = (number * 7_919) % skus;
      const lines = [first, (first + 1) % skus].map((sku) => ({ sku: skuName(sku), quantity: 1 }));
      const expiresAt = new Date(Date.now() + holdMs).toISOString();
      const order = {
        id: commandId(group, number),
        orderId: `o-${number}`,
        channel: 'webshop',
        kind: 'request',
        lines,
      };
      const body = JSON.stringify({ ...order, expiresAt });
      return { text: requestText(sender, '/v1/orders', 'application/json', body), numbers: [number] };
    },
  };
}

/** One till's: its counter is the number. */
export function tillUploads(sender: Sender, till: number, skus: number, lines: number): Wishes {
  const journal = createJournal();
  return {
    journal,
    wish() {
      const numbers = Array.from({ length: lines }, () => journal.next());
      const occurredAt = new Date().toISOString();
      const rows = numbers.map((number) => `${number},sale,${skuName((number * 31 + till) % skus)},1,${occurredAt}`);
      const body = ['counter,type,sku,quantity,occurredAt', ...rows].join('\n');
      const path = `/v1/tills/${tillName(till)}/upload?location=store-1`;
      return { text: requestText(sender, path, 'text/csv', body), numbers };
    },
  };
}
