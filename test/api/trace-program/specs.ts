/** Specs of trace programs, right and wrong, with the sentence that each wrong one earns. */

const SOURCE = 'kprobe:vfs_read /PGSCOPE_TARGET/ { @reads[comm] = count(); }';
const spec = (fields: Record<string, unknown>) => ({ source: SOURCE, ...fields });
const map = (fields: Record<string, unknown>) =>
  spec({ maps: [{ name: 'reads', metric: 'my.reads', kind: 'counter', ...fields }] });
const argument = (fields: Record<string, unknown>) =>
  spec({ arguments: [{ name: 'least', type: 'integer', ...fields }] });
const event = (fields: Record<string, unknown>) => spec({ events: [{ name: 'my.read', fields: [], ...fields }] });

const WORDS = 'write lower-case words with _ and . between them, such as pgscope.io.size';
const DEFAULT = 'has a default that is not of its type';
const QUERIES = 'has more than one of type query; keep one';

export const RIGHT: [what: string, spec: unknown][] = [
  ['a source alone', { source: SOURCE }],
  [
    'every field',
    {
      description: 'Reads by process',
      source: SOURCE,
      minVersion: '0.17.0',
      scope: 'target',
      stringLength: 128,
      arguments: [
        { name: 'least', type: 'integer', description: 'Bytes', default: '-1' },
        { name: 'slow', type: 'duration', unit: 'us', default: '10ms' },
        { name: 'all', type: 'boolean', default: 'false' },
        { name: 'file-name', type: 'string', default: 'a b"c' },
        { name: 'required', type: 'string' },
      ],
      maps: [
        {
          name: 'reads',
          metric: 'my.reads',
          description: 'Reads',
          unit: '{read}',
          kind: 'counter',
          scale: 1,
          keys: [
            { name: 'process.name', type: 'string' },
            { name: 'statement', type: 'query' },
          ],
        },
      ],
      events: [
        {
          name: 'my.read',
          from: 'printf',
          fields: [
            { name: 'size', type: 'integer' },
            { name: 'statement', type: 'query' },
          ],
        },
      ],
    },
  ],
  ['the smallest and largest numbers', map({ scale: 1e-12, keys: [] })],
  ['the whole node', spec({ scope: 'node', stringLength: 200, minVersion: '1.0' })],
];

export const WRONG: [spec: unknown, ...errors: string[]][] = [
  [{}, 'spec.source: is missing; give a string'],
  [{ source: '' }, 'spec.source: "" is empty; write something, or take the field out'],
  [{ source: 'x'.repeat(65_537) }, `spec.source: "${'x'.repeat(60)}…" has 65537 characters; write at most 65536`],
  [
    spec({ program: 1 }),
    'spec.program: unknown field; the fields here are description, source, minVersion, scope, stringLength, arguments, maps, events',
  ],
  [spec({ scope: 'host' }), 'spec.scope: "host" is not one of target, node'],
  [spec({ minVersion: 'v0.17' }), 'spec.minVersion: "v0.17" is no version of bpftrace; write for example 0.17'],
  [spec({ stringLength: 201 }), 'spec.stringLength: 201 is too large; write a whole number from 16 to 200'],

  [
    argument({ name: 'Least' }),
    'spec.arguments[0].name: "Least" cannot be the name of an argument; write lower-case letters, digits and -, a letter first',
  ],
  [argument({ type: 'number' }), 'spec.arguments[0].type: "number" is not one of string, integer, boolean, duration'],
  [argument({ default: 5 }), 'spec.arguments[0].default: 5 is a number; write it in quotes: "5"'],
  [argument({ default: '0x10' }), `spec.arguments[0]: ${DEFAULT}`],
  [argument({ default: '017' }), `spec.arguments[0]: ${DEFAULT}`],
  [argument({ type: 'boolean', default: '1' }), `spec.arguments[0]: ${DEFAULT}`],
  [argument({ type: 'duration', default: '10' }), `spec.arguments[0]: ${DEFAULT}`],
  [argument({ type: 'duration', default: '9999h' }), `spec.arguments[0]: ${DEFAULT}`],
  [argument({ type: 'string', default: 'a\nb' }), `spec.arguments[0]: ${DEFAULT}`],
  [
    spec({ arguments: [1, 2].map(() => ({ name: 'a', type: 'string' })) }),
    'spec.arguments: lists a name twice; keep it once',
  ],

  [
    map({ name: '@reads' }),
    'spec.maps[0].name: "@reads" cannot be a map\'s name; write it as in the source, without the @',
  ],
  [map({ metric: 'My reads' }), `spec.maps[0].metric: "My reads" cannot be the name of a metric; ${WORDS}`],
  [map({ kind: 'sum' }), 'spec.maps[0].kind: "sum" is not one of counter, gauge, histogram'],
  [map({ scale: 0 }), 'spec.maps[0].scale: 0 is not above 0; write for example 0.000001'],
  [
    map({ keys: [{ name: 'a', type: 'int' }] }),
    'spec.maps[0].keys[0].type: "int" is not one of string, integer, query',
  ],
  [
    map({
      keys: [
        { name: 'a', type: 'query' },
        { name: 'b', type: 'query' },
      ],
    }),
    `spec.maps[0].keys: ${QUERIES}`,
  ],

  [event({ from: 'join' }), 'spec.events[0].from: "join" is not one of print, printf'],
  [event({ fields: undefined }), 'spec.events[0].fields: is missing; give a list'],
  [event({ fields: ['a', 'b'].map((name) => ({ name, type: 'query' })) }), `spec.events[0].fields: ${QUERIES}`],
];
