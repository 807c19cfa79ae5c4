/** A capture from start to end: servers found and followed, the tracer driven, what it says handed on. The door of agent/capture/. */

export type { BackgroundActivity, CaptureInterval, IoActivity, NamedWait, QueryActivity } from './capture/activity.js';
export { createDrain } from './capture/drain.js';
export type { LockBlocker, LockSession, LockWait, LockWaits } from './capture/lock-waits.js';
export { createRouter, type Router } from './capture/route.js';
export { CaptureError, type CaptureOptions, runCapture } from './capture/run.js';
export { type CapturedServer, createServers, type Servers } from './capture/servers.js';
export { type CaptureSettings, captureSettings } from './capture/settings.js';
export type { CaptureSink, SeenQuery } from './capture/sink.js';
