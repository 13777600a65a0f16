type Fields = Readonly<Record<string, unknown>>;

/** Structured log. `event` is a stable dotted name; fields never hold a token, a secret or a payload. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export const SILENT_LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
