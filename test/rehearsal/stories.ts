// Every rehearsal; each has its playbook in docs/playbooks.
import type { Rehearsal } from './rehearsal.ts';
import { badDeploy } from './stories/bad-deploy.ts';
import { corruptedCheckpoint } from './stories/corrupted-checkpoint.ts';
import { erpMaintenance } from './stories/erp-maintenance.ts';
import { eventstoredbDown } from './stories/eventstoredb-down.ts';
import { flashSale } from './stories/flash-sale.ts';
import { marketplaceOutage } from './stories/marketplace-outage.ts';
import { storeOffline } from './stories/store-offline.ts';

export const REHEARSALS: readonly Rehearsal[] = [
  storeOffline,
  erpMaintenance,
  marketplaceOutage,
  eventstoredbDown,
  flashSale,
  badDeploy,
  corruptedCheckpoint,
];
