export interface Migration {
  /** Counts up from 1; a file of a higher version than the last is of a newer Portcullis. */
  readonly version: number;
  readonly name: string;
  /** Run in one transaction, together with the note that they were. */
  readonly statements: readonly string[];
}
