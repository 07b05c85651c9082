// What people may say to an order in its present status, and what each asks for.
import { html } from 'htm/preact';
import { localInput } from '../../format.ts';
import { type Action, positive } from '../../shell/workflow-actions.ts';
import { committedUnits, type Order, unitsBySku } from './units.ts';

export function orderActions(order: Order): readonly Action[] {
  switch (order.status) {
    case 'held':
      return [confirmation(order), renewal(order), cancellation(order)];
    case 'reserving':
    case 'confirming':
      return [cancellation(order)];
    case 'confirmed':
    case 'partlyFulfilled':
      return [
        fulfilment(order),
        ...(order.short.length > 0 ? [sourcing(order)] : []),
        cancellation(order),
        takingBack(order),
      ].filter(({ lines }) => lines === undefined || lines.length > 0);
    case 'fulfilled':
    case 'cancelled':
      return [takingBack(order)].filter(({ lines = [] }) => lines.length > 0);
    default:
      return [];
  }
}

function confirmation({ id }: Order): Action {
  return {
    ...{ name: 'Confirm', done: 'confirmed' },
    question: { title: `Confirm order ${id}?`, text: 'Its units are committed: they do not come back by themselves.' },
    command: () => ({ type: 'confirm' }),
  };
}

function renewal({ id, expiresAt }: Order): Action {
  return {
    ...{ name: 'Renew', done: 'held for longer' },
    question: {
      title: `Renew the hold of order ${id}?`,
      text: 'Its units stay held until then, at most as long as policy allows.',
    },
    fields: html`<label>Held until
      <input name="expiresAt" type="datetime-local" step="1" required value=${localInput(expiresAt)} />
    </label>`,
    command: ({ form }) => ({ type: 'renew', expiresAt: new Date(String(form.get('expiresAt'))).toISOString() }),
  };
}

function sourcing({ id }: Order): Action {
  return {
    ...{ name: 'Source again', done: 'sourced again' },
    question: {
      title: `Look again for what order ${id} is short of?`,
      text: 'Every location that it may come from is asked afresh.',
    },
    command: () => ({ type: 'source' }),
  };
}

function cancellation(order: Order): Action {
  const open = unitsBySku(order).filter((one) => one.open > 0);
  return {
    ...{ name: 'Cancel units', done: 'cancelled' },
    question: {
      title: `Cancel units of order ${order.id}?`,
      text: 'They are not ordered any more, and what was reserved for them is free again. What has left stays sent.',
      isDanger: true,
    },
    lines: open.map(({ sku, open: units }) => ({ name: sku, units, unitsMax: units })),
    command(_, said) {
      if (said.every((units, n) => units === open[n]!.open)) return { type: 'cancel' };
      const units = positive(open.map(({ sku }, n) => ({ sku, quantity: said[n]! })));
      return units.length === 0 ? undefined : { type: 'cancel', units };
    },
  };
}

function fulfilment(order: Order): Action {
  const places = committedUnits(order);
  return {
    ...{ name: 'Fulfil', done: 'units have left' },
    question: {
      title: `What left for order ${order.id}?`,
      text: 'Units that left are gone from their location, and from the order’s reservation there.',
    },
    lines: places.map(({ sku, location, units }) => ({ name: `${sku} from ${location}`, units, unitsMax: units })),
    command(_, said) {
      const units = positive(places.map(({ sku, location }, n) => ({ sku, location, quantity: said[n]! })));
      return units.length === 0 ? undefined : { type: 'fulfil', units };
    },
  };
}

function takingBack(order: Order): Action {
  const sent = unitsBySku(order).filter(({ fulfilled, returned }) => fulfilled > returned);
  return {
    ...{ name: 'Return', done: 'units came back' },
    question: { title: `What came back of order ${order.id}?`, text: 'Without a location, to where it left from.' },
    lines: sent.map(({ sku, fulfilled, returned }) => ({ name: sku, units: 0, unitsMax: fulfilled - returned })),
    fields: html`<label>Its condition
        <select name="disposition">
          <option value="restock">good: to be sold again</option>
          <option value="quarantine">to be looked at: quarantined</option>
          <option value="writeOff">lost: written off</option>
        </select>
      </label>
      <label>Location (optional) <input name="location" autocomplete="off" spellcheck=${false} /></label>`,
    command({ form }, said) {
      const [disposition, location] = [String(form.get('disposition')), String(form.get('location')).trim()];
      const at = location === '' ? {} : { location };
      const units = positive(sent.map(({ sku }, n) => ({ sku, quantity: said[n]!, disposition, ...at })));
      return units.length === 0 ? undefined : { type: 'return', units };
    },
  };
}
