import type { Files } from '@portcullis/engine';

/** Where uploaded bytes are, and what the forms and links that lead to them are sealed with. */
export interface FileVault {
  readonly files: Files;
  /** 32 random bytes of this process: its forms and links end with it. */
  readonly key: Uint8Array;
  /** Unguessable bytes. */
  random(count: number): Uint8Array;
}
