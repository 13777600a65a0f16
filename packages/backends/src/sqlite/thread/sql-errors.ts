import { StoreFullError } from '@portcullis/engine';
import type { Failure } from './protocol.ts';

/** The thread could not open the database. `code` is SQLite's primary result code, 0 if it was not SQLite. */
export class ThreadStartError extends Error {
  override readonly name = 'ThreadStartError';
  readonly stage: 'native' | 'open';
  readonly code: number;

  constructor(failure: Pick<ThreadStartError, 'stage' | 'code' | 'message'>) {
    super(failure.message);
    this.stage = failure.stage;
    this.code = failure.code;
  }
}

/** A write that was refused: its guard changed nothing, or it names what is there already. */
export class SqlRefusal extends Error {
  override readonly name = 'SqlRefusal';
  readonly kind: 'guard' | 'conflict';

  constructor(kind: 'guard' | 'conflict', message: string) {
    super(message);
    this.kind = kind;
  }
}

export function toFault({ kind, message }: Failure): Error {
  switch (kind) {
    case 'full':
      return new StoreFullError('The disk of the store is full, or its quota is used up: nothing was written.');
    case 'guard':
    case 'conflict':
      return new SqlRefusal(kind, message);
    case 'fault':
      return new Error(`The store failed: ${message}`);
  }
}
