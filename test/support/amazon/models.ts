// Amazon's own models (../shared/specs, beside the project) as a judge between a caller and a simulator: every request and
// every answer must keep to them, and may hold nothing that they do not name. The models are not shipped: without them
// tests that want them say that they are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { upgrade } from '@scalar/openapi-upgrader';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import type { SimulatorApp } from '../../../adapters/channels/simulator/misbehaving.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/specs/', import.meta.url));
const APIS = [
  'amazon-listings-items-2021-08-01',
  'amazon-feeds-2021-06-30',
  'amazon-orders-2026-01-01',
  'amazon-external-fulfillment-inventory-2024-09-11',
] as const;

export const hasModels = APIS.every((name) => existsSync(`${FOLDER}${name}.json`));
if (!hasModels) process.stdout.write(`SKIPPED: Amazon's models are not in ${FOLDER}, nothing is held to them\n`);

type Json = { [key: string]: unknown };
type Format = (ajv: Ajv) => void;

export interface Judge {
  /** What did not keep to the models, in the order in which it happened. */
  readonly violations: string[];
  /** Operations that were called. */
  readonly operations: ReadonlyMap<string, number>;
  /** The simulator with the judge before it. */
  readonly fetch: SimulatorApp['fetch'];
}

/** Compiling them takes a second: once a process. */
let opened: Promise<OpenAPIBackend[]> | undefined;

export async function judge(app: SimulatorApp): Promise<Judge> {
  opened ??= Promise.all(APIS.map(open));
  const apis = await opened;
  const violations: string[] = [];
  const operations = new Map<string, number>();
  return {
    violations,
    operations,
    async fetch(request, ...more) {
      const url = new URL(request.url);
      const asked = {
        ...{ method: request.method.toLowerCase(), path: url.pathname, query: url.search.slice(1) },
        headers: Object.fromEntries(request.headers),
      };
      const api = apis.find((one) => one.router.matchOperation(asked) !== undefined);
      const operation = api?.router.matchOperation(asked);
      if (api === undefined || operation === undefined) return app.fetch(request, ...more);
      const name = operation.operationId ?? asked.path;
      operations.set(name, (operations.get(name) ?? 0) + 1);
      const text = await request.clone().text();
      const body = text === '' ? {} : { body: json(text) };
      const { errors } = api.validateRequest({ ...asked, ...body }, operation);
      for (const error of errors ?? []) violations.push(`${name}: request ${error.instancePath} ${error.message}`);

      const response = await app.fetch(request, ...more);
      if (response.headers.has('x-hono-already-sent')) return response;
      const status = String(response.status);
      if (!(status in (operation.responses ?? {}))) {
        violations.push(`${name}: answer ${status} is none of its answers`);
        return response;
      }
      const said = json(await response.clone().text());
      const judged = api.validateResponse(said, operation, response.status);
      for (const error of judged.errors ?? [])
        violations.push(`${name}: answer ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
      return response;
    },
  };
}

/** Text that is no JSON stays text, and is judged as such. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function open(name: string): Promise<OpenAPIBackend> {
  const raw = closed(read(name)) as Json;
  const api = new OpenAPIBackend({
    definition: upgrade(raw, '3.0') as never,
    // Quick: Amazon's models have descriptions beside their references, which the definition of OpenAPI does not know.
    ...{ strict: false, quick: true, validate: true },
    ajvOpts: { strict: false },
    customizeAjv: (ajv) => {
      (addFormats as unknown as Format)(ajv as unknown as Ajv);
      return ajv;
    },
  });
  await api.init();
  // At once rather than at the first call, which has a deadline.
  for (const { operationId } of api.router.getOperations()) {
    api.validator.getRequestValidatorsForOperation(operationId!);
    api.validator.getResponseValidatorForOperation(operationId!);
    api.validator.getStatusBasedResponseValidatorForOperation(operationId!);
  }
  return api;
}

function read(name: string): Json {
  return JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')) as Json;
}

/** Schemas that list properties allow no others: a name that is written wrong would pass otherwise. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const object = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  const isSchema = object['type'] === 'object' && typeof object['properties'] === 'object';
  return isSchema && !('additionalProperties' in object) ? { ...object, additionalProperties: false } : object;
}

/** Problems of a value against one of Amazon's JSON Schemas (`listings-feed-v2`, `order-change-notification`). */
export function problemsOf(schema: string, value: unknown): readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  (addFormats as unknown as Format)(ajv);
  const raw = read(`amazon-${schema}.schema`);
  const { $schema: _, ...plain } = raw;
  const validate = ajv.compile(plain);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
