import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { labelStep } from '../../../operator/nodes/label-step.js';
import { setAgentLabel } from '../../../operator/nodes.js';
import { memoryApi } from '../apply/memory-api.js';
import { rawNode, rawPod, rawProfile } from '../profiles/objects.js';
import { runningOperator } from '../profiles/running-operator.js';

const graceMs = 300_000;
const { signal } = new AbortController();

describe('the step for a label', () => {
  test.each([
    [true, undefined, 0, { do: 'set' }],
    [true, 'no', 0, { do: 'set' }],
    [true, 'true', 0, { do: 'nothing' }],
    [false, undefined, 0, { do: 'nothing' }],
    [false, 'true', 1000, { do: 'wait', ms: 299_000 }],
    [false, 'true', graceMs, { do: 'remove' }],
    [false, 'no', 0, { do: 'remove' }],
  ])('wanted %s, label %s, unwanted for %d ms: %j', (wanted, label, unwantedForMs, step) => {
    expect(labelStep({ wanted, label, unwantedForMs, graceMs })).toEqual(step);
  });

  test('leads to the right label, and then there is no other', () => {
    const label = fc.option(fc.constantFrom('true', 'false', ''), { nil: undefined });
    fc.assert(
      fc.property(fc.boolean(), label, fc.nat(1_000_000), (wanted, before, unwantedForMs) => {
        const step = labelStep({ wanted, label: before, unwantedForMs, graceMs });
        fc.pre(step.do !== 'wait');
        const after = { set: 'true', remove: undefined, nothing: before }[step.do];
        expect(after).toBe(wanted ? 'true' : undefined);
        expect(labelStep({ wanted, label: after, unwantedForMs, graceMs })).toEqual({ do: 'nothing' });
      }),
    );
  });
});

describe('the label', () => {
  test('is all that changes of a node', async () => {
    const api = memoryApi();
    const { metadata, ...rest } = rawNode('worker-1', { zone: 'a' });
    api.objects.set('/api/v1/nodes/worker-1', { metadata, ...rest });
    await setAgentLabel(api, 'worker-1', true, signal);
    expect(api.objects.get('/api/v1/nodes/worker-1')?.metadata.labels).toEqual({
      zone: 'a',
      'pgscope.dev/agent': 'true',
    });
    await setAgentLabel(api, 'worker-1', false, signal);
    expect(api.objects.get('/api/v1/nodes/worker-1')).toMatchObject({ ...rest, metadata: { labels: { zone: 'a' } } });
  });

  test('of a node that has gone is no error, and makes none', async () => {
    const api = memoryApi();
    await setAgentLabel(api, 'worker-1', true, signal);
    expect(api.objects.size).toBe(0);
  });

  test('found at the start where no target is, goes after the full grace period', async () => {
    const operator = runningOperator({ labelGraceMs: graceMs });
    operator.put('nodes', rawNode('worker-1', { 'pgscope.dev/agent': 'true' }));
    expect((await operator.settle()).get('node worker-1')).toBe(graceMs);
    operator.clock.nowMs += graceMs - 1;
    operator.restart();
    expect((await operator.settle()).get('node worker-1')).toBe(graceMs);
    operator.clock.nowMs += graceMs;
    await operator.settle();
    expect(operator.api.writes).toEqual(['PATCH /api/v1/nodes/worker-1']);
  });

  test('taken away by somebody comes back, and a target that returns in time keeps it', async () => {
    const operator = runningOperator({ labelGraceMs: graceMs });
    operator.put('nodes', rawNode('worker-1'));
    operator.put('profiles', rawProfile({ selector: {} }));
    operator.put('pods', rawPod('a'));
    await operator.settle();
    operator.put('nodes', rawNode('worker-1'));
    await operator.settle();
    operator.remove('pods', rawPod('a'));
    await operator.settle();
    operator.clock.nowMs += graceMs - 1;
    operator.put('pods', rawPod('a'));
    expect(await operator.settle()).not.toContain('node worker-1');
    operator.clock.nowMs += graceMs;
    await operator.settle();
    const patches = operator.api.writes.filter((write) => write === 'PATCH /api/v1/nodes/worker-1');
    expect(patches).toHaveLength(2);
    expect(operator.api.objects.get('/api/v1/nodes/worker-1')?.metadata.labels).toEqual({
      'pgscope.dev/agent': 'true',
    });
  });
});
