// The files for containers, as far as they can be tried without an engine: by docker-compose and HAProxy themselves where
// they are installed, and by what the files say of each other and of the product.
// Seen failing on planted bugs: a mounted file that is not there; a variable that the product does not know; a COPY that
// .dockerignore keeps out; a pipeline with an exporter that is not defined.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ENVIRONMENT_VARIABLES, readConfig } from '../../server/config.ts';
import { hasProgram, withSystem } from '../support/programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const run = (program: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', env: withSystem() });
  return status === 0 ? 'ok' : `${stdout}${stderr}`;
};

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
const PROFILES = [[], ['nodes'], ['observe'], ['cluster'], ['nodes', 'observe', 'cluster']];

describe('docker-compose.yml', () => {
  const isMissing = !hasProgram('docker-compose');
  if (isMissing) console.warn('SKIPPED: docker-compose is missing (apt-get install docker-compose)');

  it.skipIf(isMissing).each(PROFILES.map((profiles) => [profiles] as const))(
    'is valid with the profiles %j',
    { timeout: 60_000 },
    (profiles) => {
      const args = profiles.flatMap((name) => ['--profile', name]);
      expect(run('docker-compose', '-f', 'docker-compose.yml', ...args, 'config', '-q')).toBe('ok');
    },
  );

  it('mounts only what is there', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]!),
    );
    const files = mounted.filter((source) => source.startsWith('./'));
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
  });

  it('publishes on this machine only', () => {
    const ports = Object.values(services).flatMap(({ ports: of = [] }) => of);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('sets only what Evenstock knows, and it starts with that', () => {
    const policy = parse(read('docs/examples/policy-compose.json')) as {
      channels: { connector?: { secretEnv: string } }[];
    };
    const secrets = policy.channels.flatMap(({ connector }) => connector?.secretEnv ?? []);
    const nodes = Object.entries(services).filter(([name]) => name.startsWith('evenstock'));
    expect(nodes).toHaveLength(2);
    for (const [, { environment = {} }] of nodes) {
      const unknown = Object.keys(environment).filter((name) => !name.startsWith('OTEL_') && !secrets.includes(name));
      expect(unknown.filter((name) => !ENVIRONMENT_VARIABLES.includes(name))).toEqual([]);
      const EVENT_LOG = environment['EVENT_LOG']!.replace(/^\$\{EVENT_LOG:-(.*)\}$/, '$1');
      expect(readConfig({ ...environment, EVENT_LOG }).eventLog.kind).toBe('eventstoredb');
    }
    // They are alike: any of them tells the channels, and each has a name of its own.
    expect(nodes.map(([, { environment = {} }]) => environment['NODE_ROLE'] ?? 'all')).toEqual(['all', 'all']);
    expect(nodes.map(([name, { environment = {} }]) => environment['NODE_NAME'] === name)).toEqual([true, true]);
    const [, cluster] = /^EVENT_LOG=(.*)$/m.exec(read('docs/operations/cluster.env'))!;
    expect(readConfig({ EVENT_LOG: cluster }).eventLog).toMatchObject({
      url: expect.stringMatching(/^esdb\+discover:/),
    });
  });
});

describe('what stands around Evenstock', () => {
  const isMissing = !hasProgram('haproxy');
  if (isMissing) console.warn('SKIPPED: haproxy is missing (apt-get install haproxy)');

  it.skipIf(isMissing)('HAProxy takes its configuration', () => {
    expect(run('haproxy', '-c', '-q', '-f', 'docs/operations/haproxy.cfg')).toBe('ok');
  });

  it('the proxy leads to the nodes, and keeps metrics to itself', () => {
    const config = read('docs/operations/haproxy.cfg');
    const targets = [...config.matchAll(/^ {2}server \S+ (\S+):8080 check$/gm)].map(([, host]) => host);
    expect(targets).toEqual(Object.keys(services).filter((name) => name.startsWith('evenstock')));
    expect(config).toMatch(/http-request deny .* if \{ path \/metrics \}/);
  });

  it("the collector's pipeline is made of what it defines, and leads to the viewer", () => {
    const config = parse(read('docs/operations/otel-collector.yml')) as Record<string, Record<string, unknown>> & {
      service: { pipelines: Record<string, Record<string, string[]>> };
      exporters: Record<string, { endpoint: string }>;
    };
    for (const pipeline of Object.values(config.service.pipelines)) {
      for (const [kind, names] of Object.entries(pipeline)) {
        for (const name of names) expect(Object.keys(config[kind]!)).toContain(name);
      }
    }
    const hosts = Object.values(config.exporters).map(({ endpoint }) => endpoint.split(':')[0]);
    expect(hosts).toEqual(['jaeger']);
    expect(services).toHaveProperty('jaeger');
  });

  it('Grafana finds its dashboard and its data', () => {
    const { datasources } = parse(read('docs/operations/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { uid: string; url: string }[];
    };
    for (const { url } of datasources) expect(services).toHaveProperty(new URL(url).hostname);
    const uids = new Set(
      [...read('docs/operations/grafana/dashboards/evenstock.json').matchAll(/"uid": "(\w+)"/g)].map(([, uid]) => uid),
    );
    expect(uids.difference(new Set(datasources.map(({ uid }) => uid)))).toEqual(new Set(['evenstock']));
    const { providers } = parse(read('docs/operations/grafana/provisioning/dashboards/evenstock.yml')) as {
      providers: { options: { path: string } }[];
    };
    const mounts = services['grafana']!.volumes!.map((volume) => volume.split(':')[1]);
    for (const { options } of providers) expect(mounts).toContain(options.path);
  });
});

describe('Dockerfile', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
    sources!.split(' '),
  );

  it('takes only what is there and what .dockerignore lets through', () => {
    const lines = read('.dockerignore').split('\n');
    expect(lines).toContain('*');
    expect(copied.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    expect(new Set(copied)).toEqual(new Set(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))));
  });

  it('runs as nobody in particular, and says how it is', () => {
    const last = read('Dockerfile')
      .split(/^FROM /m)
      .at(-1)!;
    expect(last).toMatch(/^USER node$/m);
    expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('\nCMD'));
    expect(last).toMatch(/^HEALTHCHECK /m);
  });
});
