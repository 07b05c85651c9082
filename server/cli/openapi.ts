// `evenstock openapi`: the document that the server serves at /openapi.json.
import { openApiDocument } from '../routes/openapi/document.ts';

export function printOpenApi(): void {
  process.stdout.write(`${JSON.stringify(openApiDocument(), null, 2)}\n`);
}
