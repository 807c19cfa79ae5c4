/** The limit of a text that goes out, and how a text is cut to it. */

/** Bytes of UTF-8. */
export const MAX_TEXT_BYTES = 2048;
export const ELLIPSIS = '…';

/** At most 2 KiB, cut between two characters, with an ellipsis at the end if it was cut. */
export function cutText(text: string): string {
  if (text.length <= MAX_TEXT_BYTES && Buffer.byteLength(text) <= MAX_TEXT_BYTES) return text;
  const bytes = Buffer.from(text.slice(0, MAX_TEXT_BYTES));
  let end = MAX_TEXT_BYTES - Buffer.byteLength(ELLIPSIS);
  while (isInsideCharacter(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end) + ELLIPSIS;
}

function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
