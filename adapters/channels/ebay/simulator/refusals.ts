// How eBay words its errors, for every address of the simulator: an `errors` array with an id, a domain and a category.
import type { Call } from '../../simulator/broken-answers.ts';
import { type Dialect, REFUSAL_STATUS, type Refusal } from '../../simulator/misbehaving.ts';

export interface SimulatedError {
  readonly errorId: number;
  readonly domain: string;
  readonly category: 'REQUEST' | 'APPLICATION' | 'BUSINESS';
  readonly message: string;
  readonly longMessage?: string;
}

export const inventoryError = (
  errorId: number,
  message: string,
  category: SimulatedError['category'] = 'REQUEST',
): SimulatedError => ({ errorId, domain: 'API_INVENTORY', category, message });

export const fulfillmentError = (errorId: number, message: string): SimulatedError => ({
  ...{ errorId, domain: 'API_FULFILLMENT', category: 'REQUEST', message },
});

export function refuse(
  call: Call,
  status: 400 | 401 | 403 | 404 | 429 | 500 | 503 | 504,
  error: SimulatedError,
): Response {
  return call.json({ errors: [error] }, status);
}

const access = (errorId: number, message: string, longMessage: string): SimulatedError => ({
  ...{ errorId, domain: 'ACCESS', category: 'REQUEST', message, longMessage },
});

export const INVALID_TOKEN: SimulatedError = {
  ...{ errorId: 1001, domain: 'OAuth', category: 'REQUEST', message: 'Invalid access token' },
  longMessage: 'Invalid access token. Check the value of the Authorization HTTP request header.',
};

const ERRORS: Readonly<Record<Refusal, SimulatedError>> = {
  throttled: access(2001, 'Too many requests', 'The request limit has been reached for the resource.'),
  unavailable: access(2003, 'Internal error', 'The service is down for maintenance.'),
  error: inventoryError(25001, 'A system error has occurred.', 'APPLICATION'),
  'gateway-timeout': access(2003, 'Internal error', 'There was a problem with an eBay internal system or process.'),
  unauthenticated: INVALID_TOKEN,
  forbidden: access(1100, 'Access denied', 'Insufficient permissions to fulfill the request.'),
};

export const dialect: Dialect = {
  refuse: (call, refusal, headers) => call.json({ errors: [ERRORS[refusal]] }, REFUSAL_STATUS[refusal], { ...headers }),
  async errorsInside(call, kind) {
    if (kind !== 'publish') return undefined;
    const { requests } = (await call.req.json()) as { requests: { sku: string }[] };
    const errors = [
      inventoryError(
        25025,
        'Concurrent access of Inventory or InventoryItemGroup. Please try again later',
        'APPLICATION',
      ),
    ];
    return call.json({ responses: requests.map(({ sku }) => ({ sku, statusCode: 500, errors })) }, 207);
  },
};
