// Reads server-sent events (HTML Standard §9.2.6) from the text of a fetch: the browser's own EventSource cannot send
// a key in a header. Pure, so that it is tested without a browser.

export interface ServerSentEvent {
  /** `message` when it says nothing. */
  readonly event: string;
  readonly data: string;
}

export interface SseReader {
  /** Takes a piece of text, however it was cut, and gives the events that are whole now. */
  push(text: string): readonly ServerSentEvent[];
  /** Of the last event that had one. */
  readonly lastId: string | undefined;
}

export function createSseReader(): SseReader {
  let rest = '';
  let lastId: string | undefined;
  let event = '';
  let data: string[] = [];
  const take = (line: string): ServerSentEvent | undefined => {
    if (line === '') {
      const whole = data.length === 0 ? undefined : { event: event || 'message', data: data.join('\n') };
      event = '';
      data = [];
      return whole;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) lastId = value;
    return undefined;
  };
  return {
    get lastId() {
      return lastId;
    },
    push(text) {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      return lines.map(take).filter((one) => one !== undefined);
    },
  };
}
