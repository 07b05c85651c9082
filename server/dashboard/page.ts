// The one HTML page of the dashboard. Its policy lets it run only this server's modules (and the import map, by its
// hash), style itself only by this server's files, and talk to this server alone.
import { hash } from 'node:crypto';
import { type Assets, ICON, STYLES } from './assets.ts';
import { neededBy } from './imports.ts';

export interface DashboardPage {
  readonly html: string;
  readonly policy: string;
}

/** What nearly everybody sees first. The other pages are fetched when they are shown, or when nothing else is to do. */
const FIRST = ['main.ts', 'pages/overview.ts'];

export function dashboardPage({ version, libraries, imports }: Assets): DashboardPage {
  const path = (name: string) => `/dashboard/${version}/${name}`;
  const map = JSON.stringify({
    imports: Object.fromEntries(Object.entries(libraries).map(([name, file]) => [name, path(file)])),
  });
  // Told at once, so that they need not be found out file by file.
  const modules = neededBy(FIRST, imports);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Evenstock</title>
<link rel="icon" type="image/svg+xml" href="${path(ICON)}">
<link rel="stylesheet" href="${path(STYLES)}">
<script type="importmap">${map}</script>
${modules.map((name) => `<link rel="modulepreload" href="${path(name)}">`).join('\n')}
<script type="module" blocking="render" src="${path('main.ts')}"></script>
</head>
<body>
<div id="app"><noscript>The dashboard needs JavaScript. The same figures are at <a href="/docs">the API</a>.</noscript></div>
</body>
</html>
`;
  return { html, policy: policyWith(`'sha256-${hash('sha256', map, 'base64')}'`) };
}

function policyWith(importMap: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${importMap}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
