/** A small file in a directory that belongs to others, who may have put anything there to hold up a reader that is root, or to lead it astray. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** node:fs does not name it. The same on x86-64 and arm64 (asm-generic/fcntl.h). */
const O_PATH = 0o10000000;
const MAX_BYTES = 4096;

/**
 * The first 4 KiB of a regular file; undefined where it is none, or may not be read. A link in the place of the file is not followed: it
 * would lead into our own root. Links in the path before it are, so that path has to be the caller's own, such as /proc/PID/cwd.
 */
export function readForeignFile(path: string): string | undefined {
  try {
    // Looked at before it is opened: opening a pipe waits for a writer, and opening a device can start something (a watchdog).
    return using(openSync(path, O_PATH | constants.O_NOFOLLOW), (place) =>
      fstatSync(place).isFile() ? readStart(`/proc/self/fd/${place}`) : undefined,
    );
  } catch {
    return undefined;
  }
}

/** O_NONBLOCK: a lease that somebody holds on the file is no reason to wait. */
function readStart(path: string): string {
  return using(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), (file) => {
    const bytes = Buffer.alloc(MAX_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  });
}

function using<Result>(descriptor: number, act: (descriptor: number) => Result): Result {
  try {
    return act(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
