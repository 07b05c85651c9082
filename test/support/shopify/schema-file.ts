// Where the Admin API's schema is kept once it was fetched.
import { join } from 'node:path';
import { API_VERSION } from '../../../adapters/channels/shopify/admin-api.ts';

export const SCHEMA_FOLDER = join(import.meta.dirname, '../../../.cache/shopify');
export const SCHEMA_FILE = `admin_${API_VERSION}.json.gz`;
