/** HTML from templates in which every value is escaped, unless it was made by such a template itself. */

export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Value = Html | string | number | false | undefined | readonly Value[];

/** The only way to make markup: literal parts are taken as they are, values are escaped; `false` and `undefined` are nothing. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((markup, part, index) => `${markup}${markupOf(values[index - 1])}${part}`));
}

/** Text that means nothing to HTML, between tags and inside of quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd').replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Control characters are no valid HTML; bidirectional ones could show a text in another order than it has. */
const UNPRINTABLE = /(?![\t\n\r])\p{Control}|[\u202a-\u202e\u2066-\u2069]/gu;

function markupOf(value: Value): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  if (value === undefined || value === false) return '';
  return value.map(markupOf).join('');
}
