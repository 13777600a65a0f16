/** Why a data folder cannot be used. The message names the folder or file and says what to do. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
  readonly reason: 'folder' | 'locked' | 'foreign' | 'damaged' | 'newer' | 'native';

  constructor(reason: StoreOpenError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export function folderUnusable(folder: string, cause: unknown): StoreOpenError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreOpenError(
    'folder',
    `The data folder ${folder} cannot be used: ${why}. Give the server a folder it may write to.`,
    {
      cause,
    },
  );
}

export function locked(folder: string): StoreOpenError {
  return new StoreOpenError(
    'locked',
    `The data folder ${folder} is in use by another Portcullis server. Stop that one, or give this one a folder of its own.`,
  );
}

export function foreign(file: string): StoreOpenError {
  return new StoreOpenError(
    'foreign',
    `${file} is not a database of Portcullis, and was left as it is. Move it away, or choose another data folder.`,
  );
}

export function damaged(file: string, why: string): StoreOpenError {
  return new StoreOpenError(
    'damaged',
    `${file} is damaged (${why}), and was left as it is. Restore the data folder from a backup; what is still readable can be saved with: sqlite3 ${file} .recover`,
  );
}

export function newerSchema(file: string, found: number, known: number): StoreOpenError {
  return new StoreOpenError(
    'newer',
    `${file} was written by a newer Portcullis (schema ${found}; this one knows schemas up to ${known}). Use that version, or choose another data folder.`,
  );
}

export function noNativeModule(cause: Error): StoreOpenError {
  return new StoreOpenError(
    'native',
    `The SQLite library could not be loaded on ${process.platform}-${process.arch} (${firstLine(cause.message)}). ` +
      'It comes with the package libsql as an optional dependency: run npm install again without --omit=optional and on ' +
      'this machine, or set data to ":memory:" to run without a database.',
    { cause },
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
