/** What the patterns of fields mean, in words: a regular expression explains itself to few. */

interface Kind {
  /** What such a string is called. */
  name: string;
  meaning: string;
}

const KINDS: Record<string, Kind> = {
  '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$': {
    name: 'name',
    meaning: 'lower-case letters, digits and `-`, first and last a letter or digit',
  },
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$': {
    name: "object's name",
    meaning: 'one or more names with `.` between them',
  },
  '^([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?([0-9]{1,9}us)?$': {
    name: 'duration',
    meaning: 'whole numbers with the units `h`, `m`, `s`, `ms` and `us`, the largest first: `100ms`, `1h30m`',
  },
  '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$': {
    name: 'label key',
    meaning: 'as Kubernetes has it: `app`, `app.kubernetes.io/name`',
  },
  '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$': {
    name: 'label value',
    meaning: 'letters, digits, `-`, `_` and `.`, first and last a letter or digit; or nothing',
  },
  '^[a-z0-9.-]+:\\/\\/[A-Za-z0-9_.-]+$': {
    name: 'container ID',
    meaning: "the runtime's name and its ID: `containerd://0123abcd…`",
  },
  '^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*$': {
    name: 'dotted name',
    meaning: 'lower-case words with `_` and `.` between them: `pgscope.io.size`',
  },
  '^[A-Za-z_][A-Za-z0-9_]*$': { name: 'identifier', meaning: 'letters, digits and `_`, no digit first' },
  '^[a-z]([-a-z0-9]*[a-z0-9])?$': {
    name: "argument's name",
    meaning: 'lower-case letters, digits and `-`, a letter first',
  },
  '^[0-9]{1,3}\\.[0-9]{1,3}(\\.[0-9]{1,3})?$': { name: 'version', meaning: 'two or three numbers: `0.17`' },
  '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$': { name: 'reason', meaning: 'one CamelCase word' },
};

/** What a string with this pattern is called. Throws an Error that says what to do about a pattern without a name. */
export function kindOfString(pattern: string): string {
  const kind = KINDS[pattern];
  if (kind === undefined) {
    throw new Error(`the pattern ${pattern} has no name; give it one in scripts/api-reference/patterns.ts`);
  }
  return kind.name;
}

/** A line for each kind of string. */
export function kindsOfStrings(): string[] {
  return Object.values(KINDS).map(({ name, meaning }) => `- ${name}: ${meaning}`);
}
