import { expect, test } from '@jest/globals';
import { outcomeOf, programRow, runOutcome } from '../../../../agent/node/programs/rows.js';

const running = (server: string, message = 'attached') => runOutcome(server, { state: 'Running', message, losses: {} });

test('a program without a server waits', () => {
  expect(programRow('own', [])).toMatchObject({ name: 'own', state: 'Pending', reason: 'NoTargets', running: 0 });
});

test('a program runs where it runs for all, and says so once', () => {
  expect(runOutcome('a', { state: 'Running', message: 'attached', losses: {} }, 'a note').message).toBe(
    'attached; a note',
  );
  expect(programRow('own', [running('a'), running('b')])).toEqual({
    name: 'own',
    state: 'Running',
    reason: 'Running',
    message: 'attached',
    running: 2,
  });
});

test('the worst counts, with the server that it is about', () => {
  const restarting = runOutcome('b', { state: 'Restarting', message: 'bpftrace was ended by SIGSEGV', losses: {} });
  expect(programRow('own', [running('a'), restarting])).toMatchObject({
    state: 'Pending',
    reason: 'ProgramRestarting',
    message: 'b: bpftrace was ended by SIGSEGV',
    running: 1,
  });
  const failed = outcomeOf('c', { reason: 'TooManyPrograms', message: 'no more' });
  expect(programRow('own', [running('a'), restarting, failed])).toMatchObject({
    state: 'Failed',
    reason: 'TooManyPrograms',
    message: 'c: no more',
  });
});

test('what has not begun yet is no failure, and what has ended itself none either', () => {
  expect(outcomeOf('a', { reason: 'Starting', message: 'waits' }).state).toBe('Pending');
  expect(programRow('own', [runOutcome('a', { state: 'Done', message: 'ended', losses: {} })]).state).toBe('Done');
});

test('a long message is cut off', () => {
  const long = runOutcome('a', { state: 'Failed', message: 'x'.repeat(5000), losses: {} });
  expect(programRow('own', [long]).message).toHaveLength(2048);
});

test('what the runs have lost is said, of all servers together, to two digits', () => {
  const losing = (server: string, eventsRateLimited: number) =>
    runOutcome(server, {
      state: 'Running',
      message: 'attached',
      losses: { eventsRateLimited, mapsFull: 0, linesUnknown: 7, probesMissing: 1 },
    });
  expect(programRow('own', [running('a'), losing('b', 12_000), losing('c', 345)]).message).toBe(
    'attached; lost so far: eventsRateLimited 12000',
  );
});
