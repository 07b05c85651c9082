// What a shop must have before it can sell: a country and its tax, a way to ship, ways to pay, and products.
import { FastImporterService, Populator, RequestContextService, TaxCategoryService } from '@vendure/core';

const PAYMENTS = [
  // Taken at once.
  { name: 'paid', automaticSettle: 'true' },
  // Reserved on the card, taken later.
  { name: 'authorised', automaticSettle: 'false' },
];

/** One product with one variant each. Returns `variants`: SKU → variant id. */
export async function seed(app, variants, languageCode) {
  await app.get(Populator).populateInitialData({
    defaultLanguage: languageCode,
    defaultZone: 'Europe',
    countries: [{ name: 'Germany', code: 'DE', zone: 'Europe' }],
    taxRates: [{ name: 'Standard', percentage: 19 }],
    shippingMethods: [{ name: 'Parcel', price: 500 }],
    paymentMethods: PAYMENTS.map(({ name, automaticSettle }) => ({
      name,
      handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: automaticSettle }] },
    })),
    collections: [],
  });
  const importer = app.get(FastImporterService);
  await importer.initialize();
  const context = await app.get(RequestContextService).create({ apiType: 'admin' });
  const [{ id: taxCategoryId }] = (await app.get(TaxCategoryService).findAll(context)).items;
  const ids = {};
  for (const { sku, onHand = 0 } of variants) {
    const productId = await importer.createProduct({
      translations: [{ languageCode, name: sku, slug: sku.toLowerCase(), description: '' }],
    });
    const id = await importer.createProductVariant({
      productId,
      sku,
      price: 1000,
      stockOnHand: onHand,
      taxCategoryId,
      translations: [{ languageCode, name: sku }],
      optionIds: [],
      facetValueIds: [],
    });
    ids[sku] = String(id);
  }
  return { variants: ids };
}
