// Every ERP adapter of the product, by the name that a policy gives as `erps[].type`.
import type { ErpVendor } from './erp.ts';
import { odooVendor } from './odoo/odoo.ts';
import { trytonVendor } from './tryton/tryton.ts';

export const ERP_VENDORS: readonly ErpVendor[] = [odooVendor, trytonVendor];
