// npm run overload -- --minutes 30: offers the server several times what it can take, and shows what becomes of it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checksOf } from './checks.ts';
import { overload } from './overload.ts';
import { picture } from './picture.ts';
import { fullSizes, SHORT_SIZES } from './sizes.ts';

const USAGE = `npm run overload -- [--minutes 30] [--times 3] [--out overload]
  --minutes <n>   of overload; before it a minute that shows what the server can take
  --times <n>     so many times that is offered
  --short         as the tests run it: some seconds, small sizes
  --out <folder>  where overload.svg and overload.json go`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    times: { type: 'string', default: '3' },
    out: { type: 'string', default: 'overload' },
    short: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [minutes, times] = [Number(values.minutes), Number(values.times)];
if (values.help || !(minutes > 0) || !(times > 0)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 64);
}
const run = await overload({ ...(values.short ? SHORT_SIZES : fullSizes(minutes)), times }, (text) =>
  console.log(text),
);
const checks = checksOf(run);
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'overload.json'), JSON.stringify(run));
writeFileSync(join(values.out, 'overload.svg'), picture(run, checks));
for (const { what, holds, found } of checks) console.log(`${holds ? 'holds ' : 'BROKEN'}  ${what}: ${found}`);
process.exit(checks.every(({ holds }) => holds) ? 0 : 1);
