// The generic HTTP channel takes the contract of channel adapters whole, against the marketplace simulator.
import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { startHttpRig } from './rig.ts';

channelAdapterContract('http', startHttpRig);
