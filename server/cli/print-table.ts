// Rows in columns for people, and values as JSON for programs, on standard output.

export function printTable(columns: readonly string[], rows: readonly (readonly string[])[], none: string): void {
  if (rows.length === 0) return void process.stdout.write(`${none}\n`);
  const widths = columns.map((name, n) => Math.max(name.length, ...rows.map((row) => row[n]!.length)));
  for (const row of [columns, ...rows]) {
    const cells = row.map((cell, n) => cell.padEnd(widths[n]!));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
