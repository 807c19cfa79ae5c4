import { describe, expect, test } from '@jest/globals';
import { environmentName, FLAGS, type Flag, helpText, readSettings, SettingsError } from '../../operator/settings.js';

const IN_POD = { POD_NAMESPACE: 'pgscope' };

function problems(argv: string[], env: NodeJS.ProcessEnv = IN_POD): string[] {
  try {
    readSettings(argv, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('settings', () => {
  test('have a default each', () => {
    expect(readSettings(['run'], IN_POD)).toEqual({
      command: 'run',
      namespace: 'pgscope',
      watchNamespaces: undefined,
      destinations: ['default'],
      allowRawText: false,
      labelGraceMs: 300_000,
      clusterName: undefined,
      agentSelector: 'app.kubernetes.io/name=pgscope,app.kubernetes.io/component=agent',
      port: 8080,
      leaseName: 'pgscope-operator',
      leaderElection: true,
      kubeconfig: undefined,
    });
  });

  const GIVEN: [flag: string, value: string | undefined, setting: object][] = [
    ['namespace', 'observability', { namespace: 'observability' }],
    ['watch-namespaces', 'shop, billing,shop', { watchNamespaces: ['shop', 'billing'] }],
    ['destinations', 'default,audit', { destinations: ['default', 'audit'] }],
    ['allow-raw-text', undefined, { allowRawText: true }],
    ['label-grace', '90s', { labelGraceMs: 90_000 }],
    ['cluster-name', 'prod eu', { clusterName: 'prod eu' }],
    ['agent-selector', 'app in (a, b)', { agentSelector: 'app in (a, b)' }],
    ['port', '0', { port: 0 }],
    ['lease-name', 'pgscope.operator', { leaseName: 'pgscope.operator' }],
    ['no-leader-election', undefined, { leaderElection: false }],
    ['kubeconfig', '/root/.kube/config', { kubeconfig: '/root/.kube/config' }],
  ];

  test('are tested, each of them', () => {
    expect(GIVEN.map(([flag]) => flag).sort()).toEqual(FLAGS.map(({ name }) => name).sort());
  });

  test.each(GIVEN)('--%s is taken as an option and as a variable', (flag, value, setting) => {
    const option = value === undefined ? [`--${flag}`] : [`--${flag}`, value];
    expect(readSettings(['run', ...option], IN_POD)).toMatchObject(setting);
    expect(readSettings(['run'], { ...IN_POD, [environmentName(flag)]: value ?? 'true' })).toMatchObject(setting);
  });

  test('take an option before its variable, a variable before the default, and an empty one for none', () => {
    const env = { ...IN_POD, PGSCOPE_PORT: '9000', PGSCOPE_LEASE_NAME: '', PGSCOPE_ALLOW_RAW_TEXT: 'false' };
    expect(readSettings(['cleanup', '--port', '9001'], env)).toMatchObject({
      command: 'cleanup',
      port: 9001,
      leaseName: 'pgscope-operator',
      allowRawText: false,
    });
    expect(readSettings(['run'], env).port).toBe(9000);
    expect(readSettings(['run', '--namespace', 'other'], IN_POD).namespace).toBe('other');
  });

  test('pass over the variable that a Service called pgscope makes', () => {
    expect(readSettings(['run'], { ...IN_POD, PGSCOPE_PORT: 'tcp://10.0.0.7:8080' }).port).toBe(8080);
  });
});

describe('what is wrong is said with its field, its value and the remedy', () => {
  test.each<[string[], string]>([
    [['run', '--namespace', 'A'], '--namespace: "A" is no name; write small letters, digits and -, at most 63 of them'],
    [
      ['run', '--watch-namespaces', 'shop,,billing'],
      '--watch-namespaces: "shop,,billing" has an empty name; write names with one comma between them',
    ],
    [
      ['run', '--destinations', 'default,http://x'],
      '--destinations: "default,http://x" has "http://x", which is no name; write small letters, digits and -, at most 63 of them',
    ],
    [['run', '--label-grace', '5'], '--label-grace: "5" has no unit; write for example 5m'],
    [
      ['run', '--cluster-name', ' prod'],
      '--cluster-name: " prod" has spaces around it or more than 255 characters; write the name alone',
    ],
    [
      ['run', '--agent-selector', 'a;b'],
      '--agent-selector: "a;b" is no label selector; write for example app.kubernetes.io/name=pgscope',
    ],
    [['run', '--port', '65536'], '--port: "65536" is no port; write a number from 1 to 65535, or 0 for any free one'],
    [['run', '--port', '-1'], '--port: has no value; write --port PORT'],
    [
      ['run', '--lease-name', 'x_y'],
      '--lease-name: "x_y" is no name of an object; write small letters, digits, - and ., at most 253 of them',
    ],
    [['run', '--port'], '--port: has no value; write --port PORT'],
    [['run', '--allow-raw-text=yes'], '--allow-raw-text: takes no value; write --allow-raw-text alone'],
    [['run', '--kubeconfg', 'x'], '--kubeconfg: there is no such option; did you mean --kubeconfig?'],
    [['run', '--zzz'], '--zzz: there is no such option; --help lists them'],
    [['run', 'now'], 'now: is no option; write options as --name value'],
    [[], 'the command: is missing; write run, cleanup or install-programs'],
    [['start'], 'start: there is no such command; write run, cleanup or install-programs'],
  ])('%j', (argv, problem) => {
    expect(problems(argv)).toEqual([problem]);
  });

  test.each<[NodeJS.ProcessEnv, string]>([
    [
      { PGSCOPE_PORT: 'http' },
      'PGSCOPE_PORT: "http" is no port; write a number from 1 to 65535, or 0 for any free one',
    ],
    [{ PGSCOPE_ALLOW_RAW_TEXT: 'yes' }, 'PGSCOPE_ALLOW_RAW_TEXT: "yes" is neither true nor false; write one of them'],
    [
      { POD_NAMESPACE: 'a.b' },
      'POD_NAMESPACE: "a.b" is no name; write small letters, digits and -, at most 63 of them',
    ],
    [
      { POD_NAMESPACE: '' },
      '--namespace: is missing; in a pod set POD_NAMESPACE from metadata.namespace, elsewhere write --namespace NAME',
    ],
  ])('%j', (env, problem) => {
    expect(problems(['run'], { ...IN_POD, ...env })).toEqual([problem]);
  });

  test('all at once', () => {
    const env = { PGSCOPE_LABEL_GRACE: 'soon' };
    expect(problems(['run', '--namespace', 'A', '--port', 'x'], env).map((line) => line.split(':')[0])).toEqual([
      '--namespace',
      'PGSCOPE_LABEL_GRACE',
      '--port',
    ]);
  });
});

test('--help has every option with its default', () => {
  const help = helpText();
  for (const { name, default: fixed } of FLAGS as readonly Flag[]) {
    expect(help).toMatch(new RegExp(`^  --${name}\\b.*${fixed === undefined ? '' : '\\(default: '}`, 'm'));
  }
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
});
