// How many of something, in texts for people: `1 unit`, `3 units`. With the verb where there is one: `plural(n, 'unit is',
// 'units are')`.

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
