import type { AppEvent } from '../event.ts';

/** One event on its way: as it is, and as the text it was kept as. */
export interface Item {
  readonly event: AppEvent;
  readonly text: string;
}

/** What one attempt hands over. */
export interface Parcel {
  /** The same again when it is tried again: receivers tell by it what they have already. */
  readonly id: string;
  readonly items: readonly Item[];
  readonly contentType: string;
  readonly body: string;
}
