// A real Vendure as a process of its own, for tests and the scenario: fresh, in memory, with products and one way to pay and
// one to ship. Started by test/support/vendure.ts. Plain JavaScript: Vendure's decorators are called by hand.
import { readFileSync } from 'node:fs';
import {
  bootstrap,
  DefaultLogger,
  dummyPaymentHandler,
  LanguageCode,
  LogLevel,
  manualFulfillmentHandler,
} from '@vendure/core';
import { webhooksPlugin } from './webhooks-plugin.mjs';
import { seed } from './seed.mjs';

// It reports how it is used, unless told not to.
process.env.VENDURE_DISABLE_TELEMETRY = 'true';

const { PORT = '0', PASSWORD, WEBHOOK_URL, WEBHOOK_SECRET, VARIANTS } = process.env;
if (!PASSWORD) throw new Error('set PASSWORD, of the user superadmin');

const webhooks = webhooksPlugin();
if (WEBHOOK_URL) webhooks.sendTo({ url: WEBHOOK_URL, secret: WEBHOOK_SECRET });

const app = await bootstrap({
  apiOptions: { hostname: '127.0.0.1', port: Number(PORT) },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'],
    superadminCredentials: { identifier: 'superadmin', password: PASSWORD },
    requireVerification: false,
  },
  dbConnectionOptions: { type: 'sqljs', synchronize: true, logging: false },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  shippingOptions: { fulfillmentHandlers: [manualFulfillmentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error, timestamp: false }),
  plugins: [webhooks.plugin],
  systemOptions: { healthChecks: [], errorHandlers: [] },
});
// {"sku": string, "onHand": number}[]
const variants = VARIANTS ? JSON.parse(readFileSync(VARIANTS, 'utf8')) : [];
const seeded = await seed(app, variants, LanguageCode.en);

// The parent may move the webhooks after the start: it knows its own address only when it listens.
process.on('message', (message) => webhooks.sendTo(message.webhooks));
process.on('disconnect', () => process.exit(0));
const { port } = app.getHttpServer().address();
const started = { url: `http://127.0.0.1:${port}`, ...seeded };
if (process.send) process.send(started);
else console.log(JSON.stringify(started));
