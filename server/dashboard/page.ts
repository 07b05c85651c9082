// The one HTML page of the dashboard. Its policy lets it run only this server's modules (and the import map, by its
// hash), style itself only by this server's files, and talk to this server alone.
import { hash } from 'node:crypto';
import type { Assets } from './assets.ts';

export interface DashboardPage {
  readonly html: string;
  readonly policy: string;
}

export function dashboardPage({ version, files, libraries }: Assets): DashboardPage {
  const path = (name: string) => `/dashboard/${version}/${name}`;
  const names = [...files.keys()];
  const map = JSON.stringify({
    imports: Object.fromEntries(Object.entries(libraries).map(([name, file]) => [name, path(file)])),
  });
  // Those of single pages come last, so that they may differ.
  const styles = names.filter((name) => name.endsWith('.css')).sort((a, b) => layerOf(a) - layerOf(b));
  // Told at once, so that they need not be found out file by file.
  const modules = names.filter((name) => /\.(ts|js)$/.test(name));
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Evenstock</title>
<link rel="icon" type="image/svg+xml" href="${path('style/icon.svg')}">
${styles.map((name) => `<link rel="stylesheet" href="${path(name)}">`).join('\n')}
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

function layerOf(style: string): number {
  if (style.startsWith('library/')) return 0;
  return style.startsWith('style/') ? 1 : 2;
}
