// The pages, in the order of the menu; the first is shown at first. A new one is a file in pages/ and a line here. Each is
// fetched when it is shown, or when nothing else is to do.
import type { Page } from './shell/page.ts';

export const PAGES: readonly Page[] = [
  { path: 'overview', title: 'Overview', scopes: ['availability:read'], load: () => import('./pages/overview.ts') },
  { path: 'channels', title: 'Channels', scopes: ['availability:read'], load: () => import('./pages/channels.ts') },
  { path: 'skus', title: 'SKUs', scopes: ['availability:read', 'stock:read'], load: () => import('./pages/skus.ts') },
  { path: 'orders', title: 'Orders', scopes: ['orders:read'], load: () => import('./pages/orders.ts') },
  { path: 'transfers', title: 'Transfers', scopes: ['transfers:read'], load: () => import('./pages/transfers.ts') },
  {
    path: 'reconciliations',
    title: 'Reconciliation',
    scopes: ['reconciliation:read'],
    load: () => import('./pages/reconciliations.ts'),
  },
  { path: 'cases', title: 'Cases', scopes: ['cases:read'], load: () => import('./pages/cases.ts') },
  { path: 'policy', title: 'Policy', scopes: ['policy:read'], load: () => import('./pages/policy.ts') },
  { path: 'webhooks', title: 'Webhooks', scopes: ['webhooks:read'], load: () => import('./pages/webhooks.ts') },
  { path: 'events', title: 'Events', scopes: ['events:read'], load: () => import('./pages/events.ts') },
];
