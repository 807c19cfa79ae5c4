/** The client of the tracer process: commands in, events out, restarts when it dies. The door of agent/tracer/. */

export { RefusedError, TracerError } from './tracer/errors.js';
export type * from './tracer/events.js';
export { NO_TEXT, OUTSIDE_STATEMENTS, OVERFLOW, PHASES } from './tracer/events.js';
export type * from './tracer/io-event.js';
export { tracerPath } from './tracer/path.js';
export { startTracer, type Tracer, type TracerOptions } from './tracer/supervise.js';
