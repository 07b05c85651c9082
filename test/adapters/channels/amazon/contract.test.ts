// Amazon takes the contract of channel adapters whole, by either of its two ways to tell quantities, behind Amazon's models.

import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { startContractRig } from '../../../support/amazon/contract-rig.ts';

channelAdapterContract('amazon listings', () => startContractRig({}));
channelAdapterContract('amazon external fulfillment', () => startContractRig({ api: 'external-fulfillment' }));
