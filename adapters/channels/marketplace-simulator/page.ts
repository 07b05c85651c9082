// The marketplace's page: what it shows, live. Plain HTML, so that the demo can be watched in any browser.

export function page(name: string): string {
  const title = name.replaceAll(/[<>&"']/g, '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  td:nth-child(n+2), th:nth-child(n+2) { text-align: right; }
  tr.out td { opacity: .6; }
  tr.new td { background: color-mix(in srgb, gold 35%, transparent); }
</style>
</head>
<body>
<h1>${title}</h1>
<p><span id="count">0</span> listings, <span id="stockouts">0</span> sold out. The latest 200 changes come first.</p>
<p id="trouble" role="status"></p>
<table>
<thead><tr><th scope="col">SKU</th><th scope="col">Units</th><th scope="col">Version</th><th scope="col">Updated</th></tr></thead>
<tbody id="rows"></tbody>
</table>
<script>
const byId = (id) => document.getElementById(id);
let seen = new Map();
async function refresh() {
  try {
    const { listings } = await (await fetch('listings')).json();
    listings.sort((a, b) => b.updatedAt - a.updatedAt);
    byId('count').textContent = listings.length;
    byId('stockouts').textContent = listings.filter((l) => l.units === 0).length;
    byId('rows').replaceChildren(...listings.slice(0, 200).map((l) => {
      const tr = document.createElement('tr');
      tr.className = (l.units === 0 ? 'out ' : '') + (seen.get(l.sku) !== l.version ? 'new' : '');
      for (const text of [l.sku, l.units, l.version, new Date(l.updatedAt).toLocaleTimeString()]) {
        tr.appendChild(document.createElement('td')).textContent = text;
      }
      return tr;
    }));
    seen = new Map(listings.map((l) => [l.sku, l.version]));
    byId('trouble').textContent = '';
  } catch {
    byId('trouble').textContent = 'The marketplace does not answer.';
  }
  setTimeout(refresh, 1000);
}
refresh();
</script>
</body>
</html>
`;
}
