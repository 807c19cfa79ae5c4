/** Keeps the descriptions of the texts described last. Keys are digests, so that long texts are not kept. */
import { hash } from 'node:crypto';
import type { Description, SentText } from './statement.js';

export class DescriptionCache {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Description>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** The description of a text, made with `describe` if it is not here. */
  get(sent: SentText, describe: (sent: SentText) => Description): Description {
    const key = hash('sha256', sent.text, 'base64') + sent.truncated;
    const description = this.#entries.get(key) ?? flat(describe(sent));
    this.#entries.delete(key);
    this.#entries.set(key, description);
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value ?? '');
    return description;
  }

  get size(): number {
    return this.#entries.size;
  }
}

/** V8 keeps a whole text alive for a slice of it: copies are kept instead. */
function flat({ summary, text, readBy }: Description): Description {
  return { summary: copy(summary), text: text === undefined ? undefined : copy(text), readBy };
}

function copy(text: string): string {
  return Buffer.from(text).toString();
}
