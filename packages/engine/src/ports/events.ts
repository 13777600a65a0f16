import type { JsonObject, Principal } from '@portcullis/policy';
import type { EventType } from '../event-types.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { Told } from './store-outbox.ts';

/** Something that happened, as listeners of the app are told. */
export interface Happening {
  readonly type: EventType;
  readonly principal: Principal;
  readonly channel?: string;
  /** Why it was refused or taken away. */
  readonly code?: string;
  /** Where it came from, of those who were refused at the door. */
  readonly address?: string;
  /** What this type says beside (`docs/events.md`). */
  readonly data: JsonObject;
  /** Fields of `data` at hand as JSON text already: payloads are handed on as they came. */
  readonly texts?: Readonly<Record<string, string>>;
  /** The actions through which it came about, the first one first. */
  readonly trail?: readonly string[];
}

/** Who listens in one app. */
export interface AppEvents {
  /** Whether anybody wants events of the type. Asked before one is put together: where nobody listens, nothing is. */
  hears(type: EventType): boolean;
  /**
   * What is to be written along with what happened (`told` of the store's writes), so that both are there or neither. Empty where no
   * listener's filter takes it.
   */
  note(happening: Happening): Told;
  /** For what is not written itself: resolves when the entries are durable, or were given up. Never rejects. */
  tell(happening: Happening): MaybePromise<void>;
}

/** Through which the engine and its doors tell what happened. */
export interface Events {
  of(app: string): AppEvents;
}

export const NOTHING_TOLD: Told = [];

const NOBODY: AppEvents = { hears: () => false, note: () => NOTHING_TOLD, tell: () => {} };

export const SILENT_EVENTS: Events = { of: () => NOBODY };
