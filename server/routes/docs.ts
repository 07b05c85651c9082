// GET /openapi.json and GET /docs: the document and a page to read and try it. The page's script and style come from
// the installed package, and its Content-Security-Policy lets it load and call nothing but this server: it works
// without the internet, and tells nobody who reads it.

import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { problem, problemResponse } from '../problems.ts';
import { type ApiApp, headerOf } from './api.ts';
import { openApiDocument } from './openapi/document.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets style attributes and shows icons as data.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evenstock API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  tryItOutEnabled: true,
});
`;

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** The only files that are served; nothing of a request becomes part of a file name. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui-bundle.js': SCRIPT,
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

export function docsRoutes(app: ApiApp): void {
  const openApi = once(() => JSON.stringify(openApiDocument()));
  const etag = once(() => `"${hash('sha256', openApi(), 'base64url').slice(0, 22)}"`);

  app.get('/openapi.json', (c) => {
    const headers = { 'content-type': 'application/json', etag: etag(), 'cache-control': 'no-cache' };
    if (headerOf(c, 'if-none-match') === etag()) return new Response(null, { status: 304, headers });
    return new Response(openApi(), { status: 200, headers });
  });
  app.get('/docs', () => file(PAGE, HTML));
  app.get('/docs/start.js', () => file(START, SCRIPT));
  for (const [name, type] of Object.entries(FILES)) {
    app.get(`/docs/${name}`, async () => {
      try {
        const path = fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
        return file(await readFile(path), type);
      } catch {
        return problemResponse(problem('not-found', 'The package swagger-ui-dist is not installed'));
      }
    });
  }
}

function file(body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  return new Response(body, {
    status: 200,
    headers: {
      'content-type': type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'public, max-age=3600',
    },
  });
}

function once<T extends string>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
