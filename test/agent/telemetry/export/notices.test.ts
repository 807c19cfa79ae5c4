import { expect, test } from '@jest/globals';
import { createNotices, printable } from '../../../../agent/telemetry/export/notices.js';

test('the first message at once, then one a minute that counts the others', () => {
  const lines: string[] = [];
  let now = 0;
  const notices = createNotices(
    (line) => lines.push(line),
    () => now,
  );
  for (now = 0; now < 60_000; now += 10_000) notices.notice('down', 'no answer');
  notices.notice('full', 'queue full');
  notices.notice('down', 'no answer');
  expect(lines).toEqual(['no answer', 'queue full', 'no answer (and 5 times since the last message)']);
});

test('says that trouble is over only if it was said that there is any', () => {
  const notices = createNotices(
    () => undefined,
    () => 0,
  );
  expect(notices.over('down')).toBe(false);
  notices.notice('down', 'no answer');
  expect([notices.over('down'), notices.over('down')]).toEqual([true, false]);
});

test('what is said once is said again only after it was over', () => {
  const lines: string[] = [];
  let now = 0;
  const notices = createNotices(
    (line) => lines.push(line),
    () => now,
  );
  for (now = 0; now < 600_000; now += 10_000) notices.once('gone', 'nothing there');
  expect(notices.over('gone')).toBe(true);
  notices.once('gone', 'nothing there again');
  expect(lines).toEqual(['nothing there', 'nothing there again']);
});

test('what a receiver says reaches a terminal only as printable text, and not too much of it', () => {
  expect(printable('no\u001b[31m such\r\n tenant\u0000')).toBe('no [31m such  tenant');
  expect(printable('x'.repeat(1000))).toHaveLength(201);
});
