/** Specs of profiles, right and wrong, with the sentence that each wrong one earns. */

const target = { podName: 'orders-db-0' };
const pod = (spec: Record<string, unknown>) => ({ ...target, ...spec });
const selecting = (selector: unknown) => ({ selector });
const LABEL = 'use lower-case letters, digits and -, a letter or digit first and last';
const NAME = 'use lower-case letters, digits, - and ., a letter or digit first and last';

export const RIGHT: [what: string, spec: unknown][] = [
  ['a pod by its name', target],
  [
    'pods by their labels',
    selecting({ matchLabels: { app: 'orders-db', 'app.kubernetes.io/part-of': 'Shop_1.2', empty: '' } }),
  ],
  ['every pod', selecting({})],
  [
    'pods by expressions',
    selecting({
      matchExpressions: [
        { key: 'app.kubernetes.io/name', operator: 'In', values: ['a', 'b'] },
        { key: 'canary', operator: 'DoesNotExist' },
        { key: 'tier', operator: 'Exists', values: [] },
      ],
    }),
  ],
  [
    'every field',
    {
      selector: { matchLabels: { app: 'orders-db' } },
      container: 'postgres',
      duration: '10m',
      suspend: false,
      level: 'statements',
      queryText: 'normalized',
      spans: {
        minDuration: '100ms',
        minWait: '1ms',
        nestedDepth: 1,
        errors: true,
        sampleRatio: 0,
        traceContext: ['sqlcomment', 'application_name'],
        maxPerSecond: 100,
      },
      metrics: { interval: '15s', maxQueries: 500 },
      programs: [{ name: 'pg-writesnoop', args: { 'min-time': '10ms', note: '' }, interval: '10s' }],
      export: { destination: 'default' },
    },
  ],
  [
    'the smallest values',
    pod({
      duration: '1s',
      spans: { minDuration: '0ms', nestedDepth: 0, sampleRatio: 0, traceContext: [], maxPerSecond: 0 },
      metrics: { interval: '1s', maxQueries: 1 },
      programs: [],
    }),
  ],
  [
    'the largest values',
    pod({
      podName: `${'a'.repeat(251)}.b`,
      container: 'c'.repeat(63),
      duration: '720h',
      level: 'phases',
      spans: { minDuration: '24h', nestedDepth: 8, sampleRatio: 1, maxPerSecond: 10_000 },
      metrics: { interval: '60m', maxQueries: 10_000 },
      programs: Array.from({ length: 16 }, (_, index) => ({
        name: `program-${index}`,
        args: Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`a${at}`.padEnd(63, 'n'), 'v'.repeat(63)])),
        interval: '1h',
      })),
    }),
  ],
  ['a duration of several units', pod({ duration: '1h30m', spans: { minDuration: '1s500us' } })],
];

export const WRONG: [spec: unknown, ...errors: string[]][] = [
  // The object itself.
  [null, 'spec: null is no value; write a map of fields, or take the field out'],
  ['text', 'spec: "text" is a string; write a map of fields'],
  [[], 'spec: is a list; write a map of fields'],
  [{}, 'spec: give exactly one of selector and podName'],
  [pod(selecting({})), 'spec: give exactly one of selector and podName'],

  // Unknown fields.
  [pod({ Level: 'statements' }), 'spec.Level: unknown field; did you mean level?'],
  [pod({ spans: { minduration: '1s' } }), 'spec.spans.minduration: unknown field; did you mean minDuration?'],
  [
    pod({ metrics: { histogram: true } }),
    'spec.metrics.histogram: unknown field; the fields here are interval, maxQueries',
  ],
  [pod({ export: { url: 'http://x' } }), 'spec.export.url: unknown field; the fields here are destination'],
  [
    pod({ programs: [{ name: 'a', 'wait time': 1 }] }),
    'spec.programs[0]["wait time"]: unknown field; the fields here are name, args, interval',
  ],

  // Names.
  [pod({ podName: 'Orders_DB' }), `spec.podName: "Orders_DB" cannot be a pod's name; ${NAME}`],
  [pod({ podName: '' }), 'spec.podName: "" is empty; write something, or take the field out'],
  [pod({ podName: 7 }), 'spec.podName: 7 is a number; write it in quotes: "7"'],
  [pod({ podName: 'x'.repeat(300) }), `spec.podName: "${'x'.repeat(60)}…" has 300 characters; write at most 253`],
  [pod({ container: 'a.b' }), `spec.container: "a.b" cannot be a container's name; ${LABEL}`],
  [
    pod({ export: { destination: 'https://otlp.example' } }),
    'spec.export.destination: "https://otlp.example" cannot be a destination\'s name, which the administrator has defined and ' +
      `which is never a URL; ${LABEL}`,
  ],
  [pod({ programs: [{}] }), 'spec.programs[0].name: is missing; give a string'],
  [pod({ programs: [{ name: 'a' }, { name: 'a' }] }), 'spec.programs: lists a name twice; keep it once'],
  [
    pod({ programs: [{ name: 'a', args: { n: 20 } }] }),
    'spec.programs[0].args.n: 20 is a number; write it in quotes: "20"',
  ],
  [
    pod({ programs: [{ name: 'a', args: Object.fromEntries([...'abcdefghi'].map((name) => [name, ''])) }] }),
    'spec.programs[0].args: has more than 8 arguments, which no program has',
  ],
  [
    pod({ programs: [{ name: 'a', args: { ['n'.repeat(64)]: '' } }] }),
    'spec.programs[0].args: has an argument whose name is longer than 63 characters, which no program has',
  ],
  [
    pod({ programs: [{ name: 'a', interval: '100ms' }] }),
    'spec.programs[0].interval: "100ms" is out of bounds; write a duration from 1s to 1h',
  ],
  [pod({ programs: { name: 'a' } }), 'spec.programs: is a map; write a list'],
  [
    pod({ programs: Array.from({ length: 17 }, (_, index) => ({ name: `p${index}` })) }),
    'spec.programs: has 17 entries; write at most 16',
  ],

  // Durations.
  [pod({ spans: { minDuration: '100' } }), 'spec.spans.minDuration: "100" has no unit; write for example 100ms'],
  [pod({ spans: { minDuration: 100 } }), 'spec.spans.minDuration: 100 has no unit; write for example 100ms'],
  [pod({ metrics: { interval: '15' } }), 'spec.metrics.interval: "15" has no unit; write for example 15s'],
  [pod({ duration: 10 }), 'spec.duration: 10 has no unit; write for example 10m'],
  [pod({ duration: '' }), 'spec.duration: "" is empty; write a number and its unit, for example 100m'],
  [pod({ duration: '1d' }), 'spec.duration: "1d" has the unknown unit "d"; the units are h, m, s, ms and us'],
  [pod({ duration: '0s' }), 'spec.duration: "0s" is out of bounds; write a duration from 1s to 720h'],
  [pod({ duration: '721h' }), 'spec.duration: "721h" is out of bounds; write a duration from 1s to 720h'],
  [pod({ duration: '999999999h' }), 'spec.duration: "999999999h" is out of bounds; write a duration from 1s to 720h'],
  [
    pod({ metrics: { interval: '999ms' } }),
    'spec.metrics.interval: "999ms" is out of bounds; write a duration from 1s to 1h',
  ],
  [pod({ duration: true }), 'spec.duration: true is a boolean; write a string'],
  [
    pod({ duration: `${'0'.repeat(40)}s` }),
    'spec.duration: "0000000000000000000000000000000000000000s" has 41 characters; write at most 32',
  ],

  // Choices, switches, numbers.
  [
    pod({ level: 'statement' }),
    'spec.level: "statement" is not one of waits, statements, phases; did you mean statements?',
  ],
  [pod({ queryText: 'full' }), 'spec.queryText: "full" is not one of none, normalized, raw'],
  [
    pod({ queryText: null }),
    'spec.queryText: null is no value; write one of none, normalized, raw, or take the field out',
  ],
  [pod({ suspend: 'yes' }), 'spec.suspend: "yes" is a string; write true or false, without quotes'],
  [pod({ spans: { sampleRatio: '0.1' } }), 'spec.spans.sampleRatio: "0.1" is a string; write a number from 0 to 1'],
  [pod({ spans: { sampleRatio: 2 } }), 'spec.spans.sampleRatio: 2 is too large; write a number from 0 to 1'],
  [
    pod({ spans: { maxPerSecond: -1 } }),
    'spec.spans.maxPerSecond: -1 is too small; write a whole number from 0 to 10000',
  ],
  [
    pod({ spans: { maxPerSecond: 1.5 } }),
    'spec.spans.maxPerSecond: 1.5 is not whole; write a whole number from 0 to 10000',
  ],
  [pod({ spans: { nestedDepth: 9 } }), 'spec.spans.nestedDepth: 9 is too large; write a whole number from 0 to 8'],
  [pod({ spans: { nestedDepth: 0.5 } }), 'spec.spans.nestedDepth: 0.5 is not whole; write a whole number from 0 to 8'],
  [
    pod({ metrics: { maxQueries: 1e20 } }),
    'spec.metrics.maxQueries: 100000000000000000000 is too large; write a whole number from 1 to 10000',
  ],
  [
    pod({ spans: { traceContext: ['sql_comment'] } }),
    'spec.spans.traceContext[0]: "sql_comment" is not one of sqlcomment, application_name; did you mean sqlcomment?',
  ],
  [
    pod({ spans: { traceContext: ['sqlcomment', 'sqlcomment'] } }),
    'spec.spans.traceContext: lists a value twice; keep it once',
  ],
  [pod({ spans: { traceContext: 'sqlcomment' } }), 'spec.spans.traceContext: "sqlcomment" is a string; write a list'],

  // Selectors.
  [
    selecting({ matchLabels: { app: 'a b' } }),
    'spec.selector.matchLabels.app: "a b" is not a label value; write at most 63 letters, digits, -, _ and ., first and last a letter or digit',
  ],
  [
    selecting({ matchLabels: { 'a b': 'x' } }),
    'spec.selector.matchLabels: has a key that is not a label key; write for example app or app.kubernetes.io/name',
  ],
  [
    selecting({ matchLabels: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, ''])) }),
    'spec.selector.matchLabels: has too many labels; at most 32 are allowed',
  ],
  [
    selecting({ matchExpressions: [{ key: 'app', operator: 'In' }] }),
    'spec.selector.matchExpressions[0]: In and NotIn need values, Exists and DoesNotExist take none',
  ],
  [
    selecting({ matchExpressions: [{ key: 'app', operator: 'Exists', values: ['a'] }] }),
    'spec.selector.matchExpressions[0]: In and NotIn need values, Exists and DoesNotExist take none',
  ],

  // Several at once, in the order of the fields.
  [
    pod({ level: 'all', spans: { minDuration: '1', sampleRatio: -1 }, metrics: { intervall: '1s' } }),
    'spec.level: "all" is not one of waits, statements, phases',
    'spec.spans.minDuration: "1" has no unit; write for example 1ms',
    'spec.spans.sampleRatio: -1 is too small; write a number from 0 to 1',
    'spec.metrics.intervall: unknown field; did you mean interval?',
  ],
];
