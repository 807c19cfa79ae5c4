/** What becomes of targets, hooks and settings. */

/** By what sends and receives are seen: one by one, or only by TCP's own counts. */
export type SocketSource = 'tracepoints' | 'functions' | 'counters';

/** By what system calls on files are seen: each by its own function, or among all system calls, which slows each process of the host. */
export type FileSource = 'functions' | 'tracepoints' | 'none';

export interface ReadyEvent {
  type: 'ready';
  kernel: string;
  features: { uprobeMulti: boolean; sockets: SocketSource; io: FileSource };
  limits: Record<string, number>;
}

export interface HookState {
  name: string;
  role: string;
  state: 'attached' | 'missing' | 'failed' | 'silent';
  via?: string;
  offset?: string;
  instruction?: string;
  cheap?: boolean;
  message?: string;
}

export interface AttachedEvent {
  type: 'attached';
  target: string;
  pid: number;
  version: string;
  major: number;
  verified: boolean;
  backends: number;
  executable: string;
  hooks: HookState[];
  missing: string[];
}

export interface RefusedEvent {
  type: 'refused';
  target: string;
  reason: string;
  message: string;
}

export interface SettingsEvent {
  type: 'settings';
  target: string;
}

export interface DetachedEvent {
  type: 'detached';
  target: string;
  reason: 'Requested' | 'Exited';
}

export interface HookEvent {
  type: 'hook';
  target: string;
  name: string;
  role: string;
  state: 'silent' | 'attached';
  replacedBy?: string;
  message: string;
}

export interface IdentityEvent {
  type: 'identity';
  target: string;
  databaseOid: number;
  database: string;
  userOid: number;
  user: string;
}

export interface QueryEvent {
  type: 'query';
  target: string;
  fingerprint: string;
  text: string;
  truncated: boolean;
}
