// The ERP of the scenario: a real Tryton where it is installed, a ledger where not.
import { hasTryton } from '../adapters/erp/tryton/server.ts';
import type { OpenBooks } from './books.ts';
import { openLedgerBooks } from './ledger-books.ts';
import { openTrytonBooks } from './tryton-books.ts';

export const openBooks: OpenBooks = (retailer, time) =>
  hasTryton ? openTrytonBooks(retailer, time) : openLedgerBooks(retailer);
