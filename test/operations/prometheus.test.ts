// Rules, dashboard and runbooks: what Prometheus's own programs say of them, and that every name in them is of a metric
// that a running product really has, by a real Prometheus that reads it.
// Seen failing on planted bugs: a metric renamed in the product; a runbook heading gone; a threshold moved (promtool).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { hasProgram } from '../support/programs.ts';
import { metricNames, withoutVariables } from '../support/promql.ts';
import type { ServedProduct } from '../support/served-product.ts';
import { type RunningPrometheus, startPrometheus, watchedProduct } from '../support/watched-product.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'docs/operations/prometheus');
const RULES = join(FOLDER, 'evenstock.rules.yml');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly runbook_url?: string };
}
const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(read('docs/operations/grafana/dashboards/evenstock.json')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly definition: string }[] };
};
const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

const isMissing = !hasProgram('prometheus') || !hasProgram('promtool');
if (isMissing) console.warn('SKIPPED: prometheus and promtool are missing (apt-get install prometheus)');
const promtool = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', cwd: FOLDER });
  return status === 0 ? 'ok' : `${stdout}${stderr}`;
};

describe('alerts', () => {
  it.each(alerts.map((rule) => [rule.alert!, rule] as const))(
    '%s says how bad it is, what it is, what to do',
    (_, rule) => {
      expect(rule.labels?.severity).toMatch(/^(page|ticket)$/);
      expect(rule.annotations?.summary).toMatch(/\w/);
      const [file, anchor] = rule.annotations!.runbook_url!.split('#') as [string, string];
      expect(existsSync(join(ROOT, file))).toBe(true);
      expect(headings(read(file))).toContain(anchor);
      expect(section(read(file), anchor)).toContain(rule.alert);
    },
  );

  it('each has a test that raises it, and one that does not', () => {
    const { tests } = parse(read('docs/operations/prometheus/evenstock.rules.test.yml')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const cases = tests.flatMap((test) => test.alert_rule_test);
    for (const { alert } of alerts) {
      const own = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length > 0);
      expect([alert, own.toSorted()]).toEqual([alert, [false, true]]);
    }
  });

  it.skipIf(isMissing)('are as promtool wants them, and do what their tests say', { timeout: 60_000 }, () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toBe('ok');
    expect(promtool('check', 'rules', 'evenstock.rules.yml')).toBe('ok');
    expect(promtool('test', 'rules', 'evenstock.rules.test.yml')).toBe('ok');
  });
});

describe('the names of metrics in an expression', () => {
  it.each([
    ['sum by (channel) (rate(a_total{x="y{}"}[5m])) / on (channel) b:c > 3', ['a_total', 'b:c']],
    ['max(a) - max(a offset 1h) unless d{e=~"f|g"} == 1 or vector(0)', ['a', 'a', 'd']],
  ])('%s', (expression, names) => {
    expect(metricNames(expression)).toEqual(names);
  });
});

describe.skipIf(isMissing)('a real Prometheus that reads a running product', { timeout: 120_000 }, () => {
  let product: ServedProduct;
  let prometheus: RunningPrometheus;
  const value = async (expression: string) => Number((await prometheus.query(expression))[0]?.value[1]);
  beforeAll(async () => {
    product = await watchedProduct();
    prometheus = await startPrometheus(product.url, RULES);
    await vi.waitFor(async () => expect(await value('up{job="evenstock"}')).toBe(1), {
      timeout: 60_000,
      interval: 200,
    });
    const receipt = { type: 'receipt', location: 'warehouse', quantity: 10, occurredAt: new Date().toISOString() };
    for (const [id, sku] of ['A', 'A', 'B'].entries()) {
      await product.post('/v1/commands', { ...receipt, id: `r-${id}`, sku });
    }
    await product.post('/v1/commands', { ...receipt, id: 'r-0', sku: 'A' });
    await product.post('/v1/commands', { ...receipt, id: 's-1', sku: 'B', type: 'sale', quantity: 15 });
    const isThere = async () => expect(await prometheus.query('evenstock_cases_open')).not.toEqual([]);
    await vi.waitFor(isThere, { timeout: 60_000, interval: 500 });
  }, 120_000);
  afterAll(async () => {
    await prometheus?.stop();
    await product?.stop();
  });

  const eventually = (expression: string, expected: number) =>
    expect.poll(() => value(expression), { timeout: 30_000, interval: 500 }).toBe(expected);

  it('finds what happened', async () => {
    await eventually('up{job="evenstock"}', 1);
    await eventually('sum(evenstock_commands_total{outcome="accepted"})', 5);
    await eventually('evenstock_duplicates_total', 1);
    await eventually('evenstock_stock_oversold', 1);
    await eventually('evenstock_stock_oversold_units', 5);
    await eventually('sum(evenstock_cases_open{kind="shortfall"})', 1);
    await eventually('evenstock_freshness_updates_total{channel="marketplace",result="late"}', 0);
    await eventually('evenstock_propagation_lag_seconds_count{channel="marketplace",to="acknowledged"} > bool 0', 1);
    await eventually('evenstock_publish_backlog{channel="marketplace"}', 0);
    await eventually('evenstock_erp_waiting{erp="books"} > bool 0', 1);
    await eventually('evenstock_webhook_state{webhook="crm",state="outage"}', 1);
    await eventually('evenstock_webhook_waiting{webhook="crm"} > bool 0', 1);
    await eventually('evenstock_seal_events > bool 0', 1);
    await eventually('evenstock_seal_altered', 0);
  });

  it('knows every metric that the rules and the dashboard name', async () => {
    const scraped = (await (await fetch(`${product.url}/metrics`)).text()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
    const known = new Set([
      'up',
      ...recorded,
      ...[...scraped].flatMap(([, name, type]) =>
        type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name!],
      ),
    ]);
    const used = [...rules.map((rule) => ({ title: rule.alert ?? rule.record!, expr: rule.expr })), ...panels];
    expect(
      used.flatMap(({ title, expr }) =>
        metricNames(expr)
          .filter((name) => !known.has(name))
          .map((name) => `${title}: ${name}`),
      ),
    ).toEqual([]);
    expect(dashboard.templating.list.map(({ definition }) => definition)).toEqual([
      'label_values(evenstock_publish_state, channel)',
    ]);
  });

  it('has an answer to every expression of the dashboard', async () => {
    const empty = async () => {
      const answers = await Promise.all(panels.map(async ({ title, expr }) => [title, await answered(expr)] as const));
      return answers.filter(([, answer]) => answer !== 'an answer');
    };
    // Rates need two reads and more. No request failed.
    const only = [['Requests that fail', 'nothing']];
    await vi.waitFor(async () => expect(await empty()).toEqual(only), { timeout: 60_000, interval: 1_000 });
  });

  const answered = async (expr: string): Promise<string> => {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(withoutVariables(expr))}`);
    const { data, error } = (await answer.json()) as { data?: { result: unknown[] }; error?: string };
    return error ?? (data!.result.length > 0 ? 'an answer' : 'nothing');
  };

  it('evaluates every rule', async () => {
    const { groups } = (await prometheus.get('/api/v1/rules')) as {
      groups: { rules: { name: string; health: string }[] }[];
    };
    const health = groups.flatMap((group) => group.rules).map((rule) => rule.health);
    expect(health).toHaveLength(rules.length);
    expect(new Set(health)).toEqual(new Set(['ok']));
  });
});

/** As GitHub makes anchors of headings. */
function headings(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, text]) => anchorOf(text!));
}

function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function section(markdown: string, anchor: string): string {
  return markdown.split(/^(?=#+ )/m).find((part) => anchorOf(/^#+ (.+)/.exec(part)?.[1] ?? '') === anchor) ?? '';
}
