// Every adapter of the product, by the name that a policy gives as `connector.type`.
import { amazonVendor } from './amazon/amazon.ts';
import { ebayVendor } from './ebay/vendor.ts';
import { httpVendor } from './http.ts';
import { shopifyVendor } from './shopify/vendor.ts';
import { squareVendor } from './square/vendor.ts';
import type { Vendor } from './vendor.ts';
import { vendureVendor } from './vendure/vendor.ts';
import { wooCommerceVendor } from './woocommerce/woocommerce.ts';

export const VENDORS: readonly Vendor[] = [
  httpVendor,
  amazonVendor,
  ebayVendor,
  shopifyVendor,
  squareVendor,
  vendureVendor,
  wooCommerceVendor,
];
