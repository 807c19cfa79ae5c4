/** Tells listeners; a listener that throws harms neither the others nor whoever tells. */

export interface Listeners<Message> {
  add(listener: (message: Message) => void): void;
  tell(message: Message): void;
}

export function createListeners<Message>(onLog: (line: string) => void): Listeners<Message> {
  const listeners: ((message: Message) => void)[] = [];
  const failed = (error: unknown): void =>
    onLog(`a listener failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return {
    add: (listener) => {
      listeners.push(listener);
    },
    tell: (message) => {
      for (const listener of listeners) {
        try {
          // An async listener is accepted by the type; its failure must not be an unhandled rejection.
          const ending: unknown = listener(message);
          if (ending instanceof Promise) ending.catch(failed);
        } catch (error) {
          failed(error);
        }
      }
    },
  };
}
