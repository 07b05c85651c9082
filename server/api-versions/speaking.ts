// Puts the versions of the API around a route. A request in the newest version, which nothing is said of, costs one look at
// its headers; one in an older version is asked again in the newest, and its answer is told in the older.
import { type ApiContext, type ApiEnv, type Handler, headerOf } from '../routes/api.ts';
import { readBody } from '../routes/intake/body.ts';
import { spokenVersion, VERSION_HEADER, versionHeaders } from './negotiate.ts';
import { isTranslatable, type Translation, translateText, translationOf } from './translate.ts';
import { type ApiVersion, newestOf } from './versions.ts';

/** The whole app: where what was said in an older version is asked in the newest. */
type Ask = (request: Request, env: ApiEnv['Bindings']) => Response | Promise<Response>;

/** @param operation `post /v1/orders`, as in the OpenAPI document */
export function inVersions(handler: Handler, operation: string, versions: readonly ApiVersion[], ask: Ask): Handler {
  const newest = newestOf(versions);
  return (api, c, traceparent) => {
    const asked = headerOf(c, VERSION_HEADER);
    const said = api.policy().document.api?.versions ?? [];
    if (asked === undefined && versions.length === 1 && said.length === 0) return handler(api, c, traceparent);
    const now = api.clock.now();
    const spoken = spokenVersion(asked, versions, said, now);
    const translation = translationOf(versions, spoken.version, operation);
    const answered =
      translation === undefined
        ? handler(api, c, traceparent)
        : translated(c, translation, newest, api.limits.batchBytesMax, ask);
    return Promise.resolve(answered).then((response) => withHeaders(response, versionHeaders(spoken, now)));
  };
}

async function translated(
  c: ApiContext,
  translation: Translation,
  newest: string,
  bytesMax: number,
  ask: Ask,
): Promise<Response> {
  const headers = new Headers(c.req.raw.headers);
  headers.set(VERSION_HEADER, newest);
  headers.delete('content-length');
  const { method } = c.req;
  const type = headers.get('content-type') ?? '';
  const body = method === 'POST' ? (await readBody(c, bytesMax)).toString('utf8') : undefined;
  const said = body === undefined ? {} : { body: translateText(body, type, translation.request) };
  const response = await ask(new Request(c.req.url, { method, headers, ...said }), {});
  const answeredType = response.headers.get('content-type');
  if (!response.ok || !isTranslatable(answeredType)) return response;
  const text = translateText(await response.text(), answeredType, translation.answer);
  return new Response(text, { status: response.status, headers: withoutLength(response.headers) });
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-length');
  // It named the bytes of the newest version.
  kept.delete('etag');
  return kept;
}

function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}
