// `evenstock key`: makes an API key. Only its hash belongs on the server; the key itself is shown this once.
import { generateKey, hashOfKey } from '../auth/keys.ts';

export function printKey(): void {
  const key = generateKey();
  process.stdout.write(`key     ${key}\nsha256  ${hashOfKey(key)}\n`);
}
