import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml, html } from '../../../../agent/cli/report/html.js';

describe('html', () => {
  test('escapes values, and takes its own markup as it is', () => {
    const items = ['<a>', '"b"'].map((text) => html`<li title="${text}">${text}</li>`);
    expect(html`<ul>${items}</ul>${1}${false}${undefined}`.markup).toBe(
      '<ul><li title="&#60;a&#62;">&#60;a&#62;</li><li title="&#34;b&#34;">&#34;b&#34;</li></ul>1',
    );
  });

  test('no text holds a character that means something to HTML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`\0\u202e]|&(?!#\d+;)/);
      }),
    );
  });
});
