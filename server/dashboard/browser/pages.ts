// The pages, in the order of the menu; the first is shown at first. A new one is a file in pages/ and a line here.
import { CasesPage } from './pages/cases.ts';
import { ChannelsPage } from './pages/channels.ts';
import { EventsPage } from './pages/events.ts';
import { OrdersPage } from './pages/orders.ts';
import { OverviewPage } from './pages/overview.ts';
import { PolicyPage } from './pages/policy.ts';
import { ReconciliationsPage } from './pages/reconciliations.ts';
import { SkusPage } from './pages/skus.ts';
import { TransfersPage } from './pages/transfers.ts';
import type { Page } from './shell/page.ts';

export const PAGES: readonly Page[] = [
  { path: 'overview', title: 'Overview', scopes: ['availability:read'], View: OverviewPage },
  { path: 'channels', title: 'Channels', scopes: ['availability:read'], View: ChannelsPage },
  { path: 'skus', title: 'SKUs', scopes: ['availability:read', 'stock:read'], View: SkusPage },
  { path: 'orders', title: 'Orders', scopes: ['orders:read'], View: OrdersPage },
  { path: 'transfers', title: 'Transfers', scopes: ['transfers:read'], View: TransfersPage },
  { path: 'reconciliations', title: 'Reconciliation', scopes: ['reconciliation:read'], View: ReconciliationsPage },
  { path: 'cases', title: 'Cases', scopes: ['cases:read'], View: CasesPage },
  { path: 'policy', title: 'Policy', scopes: ['policy:read'], View: PolicyPage },
  { path: 'events', title: 'Events', scopes: ['events:read'], View: EventsPage },
];
