// Light or dark: as the system says, unless somebody chose otherwise in this browser.
import { computed, effect, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const CHOSEN = 'evenstock.theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const system = signal<Theme>(prefersDark.matches ? 'dark' : 'light');
prefersDark.addEventListener('change', ({ matches }) => {
  system.value = matches ? 'dark' : 'light';
});
const chosen = signal(readChosen());

export const theme = computed<Theme>(() => chosen.value ?? system.value);

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});

/** The other one; what the system says is not kept. */
export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  chosen.value = next === system.value ? undefined : next;
  if (chosen.value === undefined) localStorage.removeItem(CHOSEN);
  else localStorage.setItem(CHOSEN, chosen.value);
}

function readChosen(): Theme | undefined {
  const kept = localStorage.getItem(CHOSEN);
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}
