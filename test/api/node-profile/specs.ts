/** Specs of NodeProfiles, right and wrong, with the sentence that each wrong one earns. */

const ID = `containerd://${'0123456789abcdef'.repeat(4)}`;
const OTHER_ID = `cri-o://${'f'.repeat(64)}`;
const target = {
  podNamespace: 'shop',
  podName: 'orders-db-0',
  podUID: '3f2b1c4d-0000-4000-8000-1234567890ab',
  container: 'postgres',
  containerID: ID,
  resource: { 'service.name': 'orders-db' },
};
const spec = {
  nodeName: 'node-1',
  profile: { name: 'orders', uid: '7d1a2b3c-0000-4000-8000-1234567890ab', generation: 3 },
  targets: [target],
};
const having = (change: Record<string, unknown>) => ({ ...spec, ...change });
const without = <T extends object>(object: T, field: keyof T) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
const targeting = (...changes: Record<string, unknown>[]) =>
  having({ targets: changes.map((change) => ({ ...target, ...change })) });
const attributes = (count: number, length = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a.${index}`, 'x'.repeat(length)]));
const LABEL = 'use lower-case letters, digits and -, a letter or digit first and last';
const NAME = 'use lower-case letters, digits, - and ., a letter or digit first and last';

export const RIGHT: [what: string, spec: unknown][] = [
  ['one container', spec],
  ['no container', having({ targets: [] })],
  ['two containers of one pod', targeting({}, { container: 'exporter', containerID: OTHER_ID })],
  [
    'every field',
    having({
      level: 'statements',
      queryText: 'normalized',
      spans: {
        minDuration: '100ms',
        errors: true,
        sampleRatio: 0,
        traceContext: ['sqlcomment', 'application_name'],
        maxPerSecond: 100,
      },
      metrics: { interval: '15s', maxQueries: 500 },
      programs: [{ name: 'pg-cpudist', args: { 'off-cpu': 'true' }, interval: '10s' }],
      destination: 'default',
      expiresAt: '2026-03-01T12:00:00Z',
    }),
  ],
  [
    'the largest values',
    having({
      nodeName: `${'a'.repeat(251)}.b`,
      profile: { name: 'b'.repeat(253), uid: 'u'.repeat(64), generation: Number.MAX_SAFE_INTEGER },
      destination: 'd'.repeat(63),
      expiresAt: '2026-03-01T12:00:00.123456789+01:00',
      targets: Array.from({ length: 256 }, (_, index) => ({
        ...target,
        podUID: 'u'.repeat(64),
        containerID: `r://${String(index).padStart(252, '0')}`,
        resource: index === 0 ? attributes(64, 1024) : {},
      })),
    }),
  ],
];

export const WRONG: [spec: unknown, ...errors: string[]][] = [
  // The object itself.
  ['text', 'spec: "text" is a string; write a map of fields'],
  [[], 'spec: is a list; write a map of fields'],
  [
    {},
    'spec.nodeName: is missing; give a string',
    'spec.profile: is missing; give a map of fields',
    'spec.targets: is missing; give a list',
  ],
  [having({ nodename: 'node-1' }), 'spec.nodename: unknown field; did you mean nodeName?'],

  // Whose it is.
  [without(spec, 'nodeName'), 'spec.nodeName: is missing; give a string'],
  [having({ nodeName: 'Node_1' }), `spec.nodeName: "Node_1" cannot be a node's name; ${NAME}`],
  [having({ nodeName: 1 }), 'spec.nodeName: 1 is a number; write it in quotes: "1"'],
  [without(spec, 'profile'), 'spec.profile: is missing; give a map of fields'],
  [having({ profile: { name: 'orders', generation: 3 } }), 'spec.profile.uid: is missing; give a string'],
  [
    having({ profile: { ...spec.profile, uid: '' } }),
    'spec.profile.uid: "" is empty; write something, or take the field out',
  ],
  [
    having({ profile: { ...spec.profile, generation: -1 } }),
    `spec.profile.generation: -1 is too small; write a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
  ],
  [
    having({ profile: { ...spec.profile, namespace: 'shop' } }),
    'spec.profile.namespace: unknown field; the fields here are name, uid, generation',
  ],

  // Settings.
  [
    having({ destination: 'https://otlp.example' }),
    `spec.destination: "https://otlp.example" cannot be a destination's name; ${LABEL}`,
  ],
  [having({ level: 'locks' }), 'spec.level: "locks" is not one of waits, statements, phases'],
  [having({ expiresAt: 'x'.repeat(36) }), `spec.expiresAt: "${'x'.repeat(36)}" has 36 characters; write at most 35`],
  [having({ expiresAt: 'tomorrow' }), 'spec.expiresAt: "tomorrow" is no time; write for example 2026-03-01T12:00:00Z'],
  [
    having({ expiresAt: '2026-02-30T12:00:00Z' }),
    'spec.expiresAt: "2026-02-30T12:00:00Z" is no time; write for example 2026-03-01T12:00:00Z',
  ],

  // Targets.
  [without(spec, 'targets'), 'spec.targets: is missing; give a list'],
  [having({ targets: { a: target } }), 'spec.targets: is a map; write a list'],
  [having({ targets: ['a'] }), 'spec.targets[0]: "a" is a string; write a map of fields'],
  [targeting({}, {}), 'spec.targets: lists a containerID twice; keep it once'],
  [
    targeting({}, { podUID: 'another', containerID: OTHER_ID }, { podUID: 'another' }),
    'spec.targets: lists a containerID twice; keep it once',
  ],
  [
    targeting(...Array.from({ length: 257 }, (_, index) => ({ containerID: `containerd://${index}` }))),
    'spec.targets: has 257 entries; write at most 256',
  ],
  ...(['podNamespace', 'podName', 'podUID', 'container', 'containerID'] as const).map((field): [unknown, string] => [
    having({ targets: [without(target, field)] }),
    `spec.targets[0].${field}: is missing; give a string`,
  ]),
  [having({ targets: [without(target, 'resource')] }), 'spec.targets[0].resource: is missing; give a map of fields'],
  [targeting({ podUid: 'x' }), 'spec.targets[0].podUid: unknown field; did you mean podUID?'],
  [targeting({ podNamespace: 'a.b' }), `spec.targets[0].podNamespace: "a.b" cannot be a namespace's name; ${LABEL}`],
  [targeting({ podName: '../x' }), `spec.targets[0].podName: "../x" cannot be a pod's name; ${NAME}`],
  [
    targeting({ podUID: 'u'.repeat(65) }),
    `spec.targets[0].podUID: "${'u'.repeat(60)}…" has 65 characters; write at most 64`,
  ],
  [
    targeting({ container: 'Postgres' }),
    `spec.targets[0].container: "Postgres" cannot be a container's name; ${LABEL}`,
  ],
  ...['0123', 'containerd:/0123', '://0123', 'Containerd://0123', 'containerd://', 'containerd://../0123'].map(
    (containerID): [unknown, string] => [
      targeting({ containerID }),
      `spec.targets[0].containerID: "${containerID}" is not a container ID such as containerd://0123abcd…`,
    ],
  ),
  [
    targeting({ containerID: `containerd://${'0'.repeat(250)}` }),
    `spec.targets[0].containerID: "containerd://${'0'.repeat(47)}…" has 263 characters; write at most 256`,
  ],
  [targeting({ resource: attributes(65) }), 'spec.targets[0].resource: has more than 64 attributes'],
  [
    targeting({ resource: { 'k8s.pod.name': 'x'.repeat(1025) } }),
    `spec.targets[0].resource["k8s.pod.name"]: "${'x'.repeat(60)}…" has 1025 characters; write at most 1024`,
  ],
  [
    targeting({ resource: { restarts: 3 } }),
    'spec.targets[0].resource.restarts: 3 is a number; write it in quotes: "3"',
  ],

  // Several at once, in the order of the fields.
  [
    having({
      nodeName: '',
      level: 'all',
      targets: [
        { ...target, podName: 'A' },
        { ...target, containerID: 'x', resource: attributes(65) },
      ],
    }),
    'spec.nodeName: "" is empty; write something, or take the field out',
    'spec.level: "all" is not one of waits, statements, phases',
    `spec.targets[0].podName: "A" cannot be a pod's name; ${NAME}`,
    'spec.targets[1].containerID: "x" is not a container ID such as containerd://0123abcd…',
    'spec.targets[1].resource: has more than 64 attributes',
  ],
];
