import type { Json, JsonObject, Timetoken } from './json.ts';

/** One message or event. */
export interface Item {
  /** Its place in the log; absent for what takes none (private messages and signals, where history is kept). */
  readonly offset?: number;
  readonly timetoken: Timetoken;
  /** Absent: `message`. */
  readonly kind?: 'event' | 'signal' | 'file';
  /** Absent: everyone joined. */
  readonly to?: 'authenticated' | 'you';
  /** Absent: a server. */
  readonly from?: Sender;
  readonly data: Json;
  readonly meta?: JsonObject;
}

export interface Sender {
  /** Absent where the sender holds no connection. */
  readonly session?: string;
  /** Proven user id; absent for the anonymous and for ids that are only stated. */
  readonly user?: string;
  /** A user id that is only stated: a label. */
  readonly claimed?: string;
  readonly extras?: JsonObject;
}

/** One joined connection. */
export interface Member {
  readonly session: string;
  /** Absent for the anonymous. */
  readonly user?: string;
  /** False when the id is only stated. Absent for the anonymous. */
  readonly proven?: boolean;
  readonly extras?: JsonObject;
  readonly state?: JsonObject;
}
