// Feeds of simulated Amazon: documents that are uploaded, feeds that name them, and what became of each message. A feed is
// worked through when its time has come, one that is stuck never.
import { randomUUID } from 'node:crypto';

export interface FeedDocument {
  readonly id: string;
  content: string | undefined;
}

export type FeedStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'DONE' | 'FATAL' | 'CANCELLED';

export interface Feed {
  readonly id: string;
  readonly type: string;
  readonly documentId: string;
  readonly createdAt: number;
  /** Infinity: it is stuck. */
  doneAt: number;
  status: FeedStatus;
  endedAt: number | undefined;
  resultDocumentId: string | undefined;
}

export interface Feeds {
  readonly documents: ReadonlyMap<string, FeedDocument>;
  announce(): FeedDocument;
  write(content: string): FeedDocument;
  create(feed: Pick<Feed, 'type' | 'documentId' | 'createdAt' | 'doneAt'>): Feed;
  /** After all that is due is done. */
  get(id: string): Feed | undefined;
  all(): readonly Feed[];
}

/** `work`: what a feed does when its time has come; it sets the status. */
export function createFeeds(now: () => number, work: (feed: Feed, at: number) => void): Feeds {
  const documents = new Map<string, FeedDocument>();
  const feeds = new Map<string, Feed>();
  let count = 50_000_000_000;

  /** Feeds that are not at their end: there are few, and they are looked at often. */
  const open = new Set<Feed>();

  function settle(): void {
    const at = now();
    for (const feed of open) {
      if (feed.doneAt <= at) {
        // First out: to work is to look at listings, which looks here.
        open.delete(feed);
        feed.endedAt = feed.doneAt;
        work(feed, feed.doneAt);
      } else if (at > feed.createdAt) feed.status = 'IN_PROGRESS';
    }
  }

  function announce(): FeedDocument {
    const document: FeedDocument = { id: `amzn1.tortuga.4.eu.${randomUUID()}`, content: undefined };
    documents.set(document.id, document);
    return document;
  }

  return {
    documents,
    announce,
    write(content) {
      const document = announce();
      document.content = content;
      return document;
    },
    create(given) {
      count += 1;
      const feed: Feed = {
        ...given,
        id: String(count),
        status: 'IN_QUEUE',
        endedAt: undefined,
        resultDocumentId: undefined,
      };
      feeds.set(feed.id, feed);
      open.add(feed);
      return feed;
    },
    get(id) {
      settle();
      return feeds.get(id);
    },
    all() {
      settle();
      return [...feeds.values()];
    },
  };
}
