/** A program cannot be run; each line of the message says why and what to do. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}
