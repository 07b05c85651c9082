// Searches files for the mark that stands in secrets of the tests: `node test/support/canary-search.ts <file>...`. Exit code 1 and
// the places, without the secret, when it is anywhere.
import { readFileSync } from 'node:fs';
import { CANARY, canariesIn } from './canary.ts';

let found = 0;
for (const file of process.argv.slice(2)) {
  for (const place of canariesIn(readFileSync(file, 'latin1'))) {
    found += 1;
    console.error(`a secret is in ${file}: …${place.replaceAll(CANARY, '[canary]')}…`);
  }
}
if (found === 0) console.log('none');
process.exitCode = found === 0 ? 0 : 1;
