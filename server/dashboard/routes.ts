// GET / and what its page loads. No key is asked here: these are files that everybody may read; the page asks the
// API for every figure with the key of whoever looks.
import { hash } from 'node:crypto';
import { problem, problemResponse } from '../problems.ts';
import { type ApiApp, type ApiContext, headerOf } from '../routes/api.ts';
import { isNotModified, notModified } from '../routes/intake/query.ts';
import { type Asset, type Assets, readAssets } from './assets.ts';
import { type DashboardPage, dashboardPage } from './page.ts';

interface Dashboard extends DashboardPage {
  readonly assets: Assets;
  readonly etag: string;
}

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;
const FOR_EVER = 'public, max-age=31536000, immutable';

export function dashboardRoutes(app: ApiApp): void {
  let opening: Promise<Dashboard> | undefined;
  const opened = () => (opening ??= open());

  app.get('/', async (c) => {
    const { html, policy, etag } = await opened();
    if (isNotModified(c, etag)) return notModified(etag);
    const headers = {
      ...HEADERS,
      ...{ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
      ...{ etag, 'cache-control': 'no-cache' },
    };
    return new Response(html, { status: 200, headers });
  });
  app.get('/dashboard/:version/*', async (c) => {
    const { assets } = await opened();
    const name = c.req.path.split('/').slice(3).join('/');
    const asset = c.req.param('version') === assets.version ? assets.files.get(name) : undefined;
    return asset === undefined ? gone() : file(c, asset);
  });
}

async function open(): Promise<Dashboard> {
  const assets = await readAssets();
  const page = dashboardPage(assets);
  return { assets, ...page, etag: `"${hash('sha256', page.html, 'base64url').slice(0, 22)}"` };
}

function file(c: ApiContext, { type, body, gzipped }: Asset): Response {
  const isPacked = /\bgzip\b/.test(headerOf(c, 'accept-encoding') ?? '');
  const headers = { ...HEADERS, 'content-type': type, 'cache-control': FOR_EVER, vary: 'accept-encoding' };
  return isPacked
    ? new Response(gzipped, { status: 200, headers: { ...headers, 'content-encoding': 'gzip' } })
    : new Response(body, { status: 200, headers });
}

/** Of another release: a page that asks for it is older than this server, and is loaded again. */
function gone(): Response {
  return problemResponse(problem('not-found', 'There is no such file in this version of the dashboard'));
}
