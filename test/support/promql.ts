// The names of metrics in a PromQL expression: what is left when strings, label lists, ranges, functions, keywords and
// numbers are taken away. Good enough for expressions of ours; syntax itself is promtool's to judge.
const KEYWORDS = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'and',
  'or',
  'unless',
  'offset',
  'bool',
]);

export function metricNames(expression: string): readonly string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replace(/\boffset\s+\w+/g, ' ');
  const words = bare.matchAll(/[A-Za-z_:][A-Za-z0-9_:]*(?=\s*(\(?))/g);
  return [...words].filter(([word, call]) => call !== '(' && !KEYWORDS.has(word)).map(([word]) => word);
}

/** Grafana's variables as something that Prometheus understands. */
export function withoutVariables(expression: string): string {
  return expression.replaceAll('$__rate_interval', '5m').replaceAll('$channel', '.*');
}
