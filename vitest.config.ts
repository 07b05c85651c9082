import { defineConfig } from 'vitest/config';

// `npm test` leaves out the long tests (*.slow.test.ts); `npm run test:slow` runs them alone.
const SLOW = 'test/**/*.slow.test.ts';
// test/vendure has packages of its own.
const PACKAGES = '**/node_modules/**';
const onlySlow = process.env['SLOW'] === '1';

export default defineConfig({
  test: {
    // A default export of CommonJS is what Node makes of it.
    deps: { interopDefault: false },
    include: onlySlow ? [SLOW] : ['test/**/*.test.ts'],
    exclude: onlySlow ? [PACKAGES] : [PACKAGES, SLOW],
    testTimeout: onlySlow ? 300_000 : 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One fewer is the default: of two cores one would stand still.
    maxWorkers: '100%',
  },
});
