import type { Audience } from '@portcullis/policy';

/** `promised`: somebody may upload it. `stored`: it is there. */
export type FileState = 'promised' | 'stored';

/** What the index knows of one file; its bytes are elsewhere. */
export interface FileRow {
  readonly app: string;
  readonly channel: string;
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Media type. */
  readonly type: string;
  /** ms since 1970. */
  readonly createdAt: number;
  readonly state: FileState;
  /** To whom it was sent. */
  readonly audience: Audience;
  /** ms since 1970. Of a promise: until when the upload may come. Of a stored file: until when it is kept. `null`: for good. */
  readonly expiresAt: number | null;
}

export interface FilesQuery {
  /** The last file of the page before. */
  readonly after?: Pick<FileRow, 'createdAt' | 'id' | 'name'>;
  readonly limit: number;
}

/** The index of files. A file is named by its channel, its id and its name together. */
export interface StoreFiles {
  /**
   * Replaces the row whole. `expected`: only where a row of this state is there (`null`: none), else `conflict` and nothing is
   * written; so an upload is taken once.
   */
  putFile(row: FileRow, expected?: FileState | null): Promise<'put' | 'conflict'>;
  /** Whatever its state, also when it has expired. */
  file(app: string, channel: string, id: string, name: string): Promise<FileRow | null>;
  /** Stored ones, newest first. */
  files(app: string, channel: string, page: FilesQuery): Promise<readonly FileRow[]>;
  /** False when it was not there. */
  deleteFile(app: string, channel: string, id: string, name: string): Promise<boolean>;
  /** Promises of all apps that ended at or before `now`, oldest first, 1 000 at most. */
  expiredPromises(now: number): Promise<readonly FileRow[]>;
  /** Stored files of all apps that ended at or before `now`, oldest first, 1 000 at most. */
  expiredFiles(now: number): Promise<readonly FileRow[]>;
  /** How many files and promises of the app there are, and the sum of their sizes in bytes. */
  fileTotals(app: string): Promise<{ readonly count: number; readonly bytes: number }>;
}
