// What pictures of runs have in common: numbers in a drawing, ends of axes, text.

/** To a tenth: enough for a screen, and the same file for the same figures. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** 2, 4, 6, 8, 10, 20, 40 … so that half of it is a whole number. */
export function niceMax(most: number): number {
  for (let power = 1; ; power *= 10) for (const step of [2, 4, 6, 8, 10]) if (step * power >= most) return step * power;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
