/** What PostgreSQL's processes wait for: names of the numbers that it keeps in `wait_event_info`. The door of agent/waits/. */

export { FILE_KINDS, type FileKind, fileKindOf } from './waits/file-kind.js';
export { isIdle, isIdleOutsideStatement } from './waits/idle.js';
export { type LockObject, lockObject } from './waits/lock-object.js';
export { NEWEST_MAJOR } from './waits/tables.js';
export { type WaitEvent, waitEvent } from './waits/wait-event.js';
export { lockModeName, type Waited, waitedFor } from './waits/waited.js';
