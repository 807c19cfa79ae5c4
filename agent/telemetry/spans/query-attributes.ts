/** The query of a span: its summary, its text as far as it may be shown, its fingerprint. */

import { QUERY, SPAN } from '../names.js';
import type { Attributes } from '../otlp/attributes.js';

export interface ShownQuery {
  fingerprint: string;
  summary?: string | undefined;
  /** Undefined where none may be shown. */
  text?: string | undefined;
  /** The text is only the beginning of what was sent. */
  isTruncated?: boolean | undefined;
}

/** Text of one statement at most, UTF-16 units (only raw text can be longer than normalised text is). */
const MAX_TEXT = 16_384;
const MAX_NAME = 255;

export function queryAttributes({ fingerprint, summary, text, isTruncated = false }: ShownQuery): Attributes {
  return {
    [QUERY.summary.name]: summary?.slice(0, MAX_NAME),
    [SPAN.text.name]: text?.slice(0, MAX_TEXT).toWellFormed(),
    [SPAN.textTruncated.name]: isTruncated || (text?.length ?? 0) > MAX_TEXT || undefined,
    [QUERY.fingerprint.name]: fingerprint,
  };
}
