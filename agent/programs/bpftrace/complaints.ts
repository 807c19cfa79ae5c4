/** What bpftrace says on its standard error: the first error is why it does not run. */

export interface Complaints {
  add(line: string): void;
  /** As a sentence, with the line of the source; undefined if it has said nothing. */
  readonly first: string | undefined;
}

/** Said by versions that run all the same. */
const HARMLESS = [/couldn't set RLIMIT_MEMLOCK/, /failed to detach probe/, /uprobe_events|kprobe_events/];
const MAX_CHARACTERS = 300;

export function createComplaints(): Complaints {
  let error: string | undefined;
  let last: string | undefined;
  return {
    add(line) {
      if (HARMLESS.some((harmless) => harmless.test(line))) return;
      if (/\bERROR\b/.test(line)) error ??= sentence(line);
      else if (/\w/.test(line)) last = sentence(line);
    },
    get first() {
      return error ?? last;
    },
  };
}

/** `stdin:3:9-21: ERROR: …` is `line 3, column 9: …`. */
function sentence(line: string): string {
  const text = line
    .replace(/^(?:stdin|-):(\d+)(?:-\d+)?(?::(\d+)(?:-\d+)?)?: /, (_, row, column) =>
      column === undefined ? `line ${row}: ` : `line ${row}, column ${column}: `,
    )
    .replace(/\b(?:ERROR|WARNING): /, '');
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
