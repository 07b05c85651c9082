// One HTTP request as bytes that are written again and again: only the digits of its ids and SKUs change, in place.
// So the load generator spends its time on sockets and not on building JSON, whatever stands behind the address.

/** What one command does. Both take `quantity` 1 from a stock; only the reservation may be refused. */
export type CommandKind = 'sale' | 'reservation.make';

export interface RequestShape {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly kind: CommandKind;
  /** Commands in one request; 1 is a single object, more a JSON array. */
  readonly commands: number;
  /** SKUs the commands are spread over, at random; 1 is one hot stock. */
  readonly skus: number;
  /** Makes the command ids of this run unlike those of any other. */
  readonly idPrefix: string;
  /** RFC 3339. */
  readonly occurredAt: string;
}

export const LOCATION = 'store-001';
const ID_DIGITS = 10;
const SKU_DIGITS = 7;
const ID_MARK = 'N'.repeat(ID_DIGITS);
const SKU_MARK = 'K'.repeat(SKU_DIGITS);

export function skuName(number: number): string {
  return `SKU-${String(number).padStart(SKU_DIGITS, '0')}`;
}

/** A command as JSON text. `id` and `sku` are put in as they are. */
export function commandText(kind: CommandKind, id: string, sku: string, occurredAt: string): string {
  const head = `{"type":"${kind}","id":"${id}","sku":"${sku}","location":"${LOCATION}"`;
  if (kind === 'sale') return `${head},"quantity":1,"channel":"webshop","occurredAt":"${occurredAt}"}`;
  // Far enough not to expire while the benchmark runs.
  const expiresAt = new Date(Date.parse(occurredAt) + 86_400_000).toISOString();
  return (
    `${head},"reservationId":"${id}","quantity":1,"owner":"basket-1","channel":"webshop",` +
    `"occurredAt":"${occurredAt}","expiresAt":"${expiresAt}"}`
  );
}

export interface RequestBuffer {
  readonly bytes: Buffer;
  /** Gives every command a fresh id, and a random SKU. */
  renew(): void;
}

/** @param nextId answers 1, 2, 3 … · @param random 0 ≤ random < 1 */
export function createRequest(shape: RequestShape, nextId: () => number, random: () => number): RequestBuffer {
  const sku = shape.skus === 1 ? skuName(0) : `SKU-${SKU_MARK}`;
  const one = commandText(shape.kind, `${shape.idPrefix}${ID_MARK}`, sku, shape.occurredAt);
  const body = shape.commands === 1 ? one : `[${Array<string>(shape.commands).fill(one).join(',\n')}]`;
  const headers = { host: `127.0.0.1:${shape.port}`, 'content-type': 'application/json', ...shape.headers };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `POST ${shape.path} HTTP/1.1\r\n${head.join('')}content-length: ${body.length}\r\n\r\n${body}`;
  const bytes = Buffer.from(text, 'latin1');
  const ids = placesOf(text, ID_MARK);
  const skus = placesOf(text, SKU_MARK);
  const idsPerCommand = ids.length / shape.commands;
  return {
    bytes,
    renew() {
      let id = 0;
      for (let n = 0; n < ids.length; n++) {
        if (n % idsPerCommand === 0) id = nextId();
        writeDigits(bytes, ids[n]!, ID_DIGITS, id);
      }
      for (const place of skus) writeDigits(bytes, place, SKU_DIGITS, Math.floor(random() * shape.skus));
    },
  };
}

function placesOf(text: string, mark: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) places.push(at);
  return places;
}

function writeDigits(bytes: Buffer, place: number, digits: number, value: number): void {
  let rest = value;
  for (let at = place + digits - 1; at >= place; at--) {
    bytes[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
