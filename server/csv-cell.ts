// One cell of a CSV file (RFC 4180), for a spreadsheet or another program.

/** Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); numbers stay as they are. */
export function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
