// The event log as the semantic conventions for databases name it (https://opentelemetry.io/docs/specs/semconv/db/database-spans/).
// `sqlite` is one of their well-known systems; EventStoreDB is none, so it goes by its name in lower case, as they ask.
import type { Attributes } from '@opentelemetry/api';
import type { EventLogTarget } from '../config.ts';

/** Empty for a log in memory, which is no database. Nothing of who signs in. */
export function databaseOf(target: EventLogTarget): Attributes {
  switch (target.kind) {
    case 'memory':
      return {};
    case 'embedded':
      return { 'db.system.name': 'sqlite' };
    case 'eventstoredb':
      return { 'db.system.name': 'eventstoredb', ...onlyServer(target.url) };
  }
}

const DEFAULT_PORT = 2113;

/** Of a cluster it is not known which node a call goes to. */
function onlyServer(url: string): Attributes {
  // Whatever stands before the last @ may be a password, however it is written.
  const hosts = url
    .slice(url.lastIndexOf('@') + 1)
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/[/?].*$/, '');
  const [, host, port] = /^([\w.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i.exec(hosts) ?? [];
  if (host === undefined) return {};
  return { 'server.address': host, 'server.port': Number(port ?? DEFAULT_PORT) };
}
