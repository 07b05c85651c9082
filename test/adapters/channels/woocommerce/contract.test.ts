// WooCommerce takes the contract of channel adapters whole, with variations and without.
import { channelAdapterContract } from '../../../contracts/channel-adapter.contract.ts';
import { startWooRig } from './rig.ts';

channelAdapterContract('woocommerce', () => startWooRig());
channelAdapterContract('woocommerce without variations', () => startWooRig({ onlySimple: true }));
