import { expect, test } from '@jest/globals';
import { withBlockersDescribed, withSessionsDescribed } from '../../../agent/capture/blockers.js';
import type { Blocker, LongWait } from '../../../agent/tracer/events.js';
import { statement } from '../telemetry/events.js';

const SLEPT: LongWait = { event: 0x09000002, startUnixNano: '1', waitNs: 5 };
const blocker = (text: string): Blocker => ({ pid: 7, waiting: false, state: 'active', application: 'a', text });
const locked = (...blockers: Blocker[]): LongWait => ({ ...SLEPT, lock: { mode: 5, fields: [1, 2, 3, 4], blockers } });
const describe = ({ text, truncated }: { text: string; truncated: boolean }) => ({
  summary: `${text.length} ${truncated}`,
  text: undefined,
});

test('what was sent is described, and is no longer there', () => {
  const event = statement({ longWaits: [SLEPT, locked(blocker("select 'secret'"), blocker(''))] });
  const described = withBlockersDescribed(event, describe);
  expect(JSON.stringify(described)).not.toContain('secret');
  const rest = { pid: 7, waiting: false, state: 'active', application: 'a' };
  expect(described.longWaits).toEqual([
    SLEPT,
    locked({ ...rest, described: { summary: '15 false', text: undefined } }, rest),
  ]);
});

test('a text that fills what PostgreSQL keeps may be cut off', () => {
  const event = statement({ longWaits: [locked(blocker('x'.repeat(1023)))] });
  const [wait] = withBlockersDescribed(event, describe).longWaits ?? [];
  expect(wait?.lock?.blockers[0]?.described?.summary).toBe('1023 true');
});

test('of a wait that goes on, who waits and who blocks are described', () => {
  const described = withSessionsDescribed(
    {
      type: 'lock',
      target: 'a',
      pid: 9,
      event: 0x03000000,
      databaseOid: 1,
      userOid: 2,
      application: 'b',
      text: "delete 'secret'",
      lock: { mode: 5, fields: [1, 2, 3, 4], blockers: [blocker("select 'secret'")] },
    },
    describe,
  );
  expect(JSON.stringify(described)).not.toContain('secret');
  expect(described.described?.summary).toBe('15 false');
  expect(described.lock.blockers[0]?.described?.summary).toBe('15 false');
});

test('a statement that waited for no lock is left as it is', () => {
  const event = statement({ longWaits: [SLEPT] });
  expect(withBlockersDescribed(event, describe)).toBe(event);
});
