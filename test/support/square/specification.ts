// Square's own specification (../shared/specs, beside the project) as a judge of what the SDK sends for us and of what the
// simulator answers: both must keep to it, and may hold nothing that it does not name. It is not shipped: without it tests
// that want it say that they are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { OpenAPIBackend } from 'openapi-backend';
import type { Exchange } from '../../../adapters/channels/square/simulator/app.ts';
import { SQUARE_VERSION } from '../../../adapters/channels/square/square-api.ts';

const FILE = fileURLToPath(new URL(`../../../../shared/specs/square-${SQUARE_VERSION}.json.gz`, import.meta.url));

export const hasSpecification = existsSync(FILE);
if (!hasSpecification)
  process.stdout.write(`SKIPPED: Square's specification is not at ${FILE}, nothing is held to it\n`);

type Json = { [key: string]: unknown };

/** The addresses that this adapter calls; of the other 230 nothing is compiled. */
const PATHS = [
  '/v2/inventory/changes/batch-create',
  '/v2/inventory/counts/batch-retrieve',
  '/v2/orders/search',
  '/v2/orders/{order_id}',
];

export interface Judge {
  readonly judge: (exchange: Exchange) => void;
  /** What did not keep to the specification, in the order in which it happened. */
  readonly violations: string[];
  /** How often each operation was called. */
  readonly operations: ReadonlyMap<string, number>;
}

export async function squareJudge(): Promise<Judge> {
  const whole = JSON.parse(gunzipSync(readFileSync(FILE)).toString()) as Json;
  const paths = Object.fromEntries(PATHS.map((path) => [path, (whole['paths'] as Json)[path]]));
  const definition = strict({ ...whole, paths }) as never;
  const api: OpenAPIBackend = new OpenAPIBackend({ definition, quick: true, ajvOpts: { strict: false } });
  await api.init();
  // Compiled now: it takes seconds, and a call of a test does not wait so long.
  for (const operation of api.router.getOperations()) {
    const { method = 'get', path = '/' } = operation;
    api.validateRequest({ method, path, headers: {}, body: {} }, operation);
    api.validateResponse({}, operation);
  }
  const violations: string[] = [];
  const operations = new Map<string, number>();
  return {
    violations,
    operations,
    judge({ method, path, headers, body, status, answer }) {
      const asked = { method, path, headers: { ...headers }, body };
      const operation = api.router.matchOperation(asked);
      if (operation?.operationId === undefined) {
        violations.push(`${method} ${path} is not in the specification`);
        return;
      }
      const name = operation.operationId;
      operations.set(name, (operations.get(name) ?? 0) + 1);
      if (headers['square-version'] !== SQUARE_VERSION)
        violations.push(`${name}: Square-Version ${headers['square-version']}`);
      // What was refused for what it is need not keep to it.
      const { errors } = status < 400 ? api.validateRequest(asked, operation) : { errors: [] };
      for (const error of errors ?? []) violations.push(`${name}: request ${error.instancePath} ${error.message}`);
      const answered = api.validateResponse(answer, operation);
      for (const error of answered.errors ?? [])
        violations.push(`${name}: answer ${error.instancePath} ${error.message}`);
    },
  };
}

/** Plain types for what lies on Square's web site, no siblings of references, and no property that is not named. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== 'object' || node === null) return node;
  const { $ref: reference } = node as Json;
  if (typeof reference === 'string') {
    if (reference.startsWith('#')) return { $ref: reference };
    return { type: /\.Number$/.test(reference) ? 'number' : /\.Boolean$/.test(reference) ? 'boolean' : 'string' };
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value)]));
  const isObject =
    copy['type'] === 'object' && typeof copy['properties'] === 'object' && !('additionalProperties' in copy);
  return isObject ? { ...copy, additionalProperties: false } : copy;
}
