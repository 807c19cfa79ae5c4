import { describe, expect, test } from '@jest/globals';
import { accept } from '../../../operator/profiles/acceptance.js';
import { profile } from './objects.js';

const settings = { destinations: ['default', 'audit'], allowRawText: false };
const judge = (spec: object, change: object = {}) => accept(profile(spec), { ...settings, ...change });

describe('a spec is accepted', () => {
  test.each([
    [{ selector: {} }, {}],
    [{ podName: 'a', export: { destination: 'audit' } }, {}],
    [{ selector: {}, queryText: 'raw' }, { allowRawText: true }],
    [{ selector: {}, programs: [{ name: 'pg-cpudist', args: { 'off-cpu': 'true' }, interval: '1s' }] }, {}],
    [{ selector: {}, fieldOfANewerVersion: 1 }, {}],
  ])('%j with %j', (spec, change) => {
    expect(judge(spec, change)).toMatchObject({ accepted: true, spec: { level: 'statements' } });
  });
});

test('at every level', () => {
  for (const level of ['waits', 'statements', 'phases'])
    expect(judge({ selector: {}, level })).toMatchObject({ accepted: true, spec: { level } });
});

describe('a spec is refused, with the field and the remedy', () => {
  test.each<[object, object, string, string]>([
    [{}, {}, 'InvalidSpec', 'spec: give exactly one of selector and podName.'],
    [{ selector: {}, duration: '5' }, {}, 'InvalidSpec', 'spec.duration: "5" has no unit; write for example 5m.'],
    [
      { selector: {}, queryText: 'raw' },
      {},
      'RawTextForbidden',
      'spec.queryText: raw is not allowed in this cluster, since raw text shows literals; use normalized or none, or ask the administrator to allow it.',
    ],
    [
      { selector: {}, export: { destination: 'mine' } },
      {},
      'UnknownDestination',
      'spec.export.destination: the administrator has defined no destination "mine"; there are default, audit.',
    ],
    [
      { selector: {} },
      { destinations: [] },
      'UnknownDestination',
      'spec.export.destination: the administrator has defined no destination "default"; there is none yet, ask the administrator to define one.',
    ],
  ])('%j with %j: %s', (spec, change, reason, message) => {
    expect(judge(spec, change)).toEqual({ accepted: false, reason, message });
  });
});
