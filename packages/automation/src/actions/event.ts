import { type EventType, eventRow, type Happening } from '@portcullis/engine';
import type { Json, JsonObject } from '@portcullis/policy';
import { type EventPrincipal, eventPrincipal } from './event-principal.ts';

/** An event as filters see it and receivers are told it. */
export interface AppEvent {
  readonly id: string;
  readonly type: EventType;
  /** ms since 1970. */
  readonly at: number;
  readonly app: string;
  readonly channel?: string;
  readonly principal: EventPrincipal;
  readonly code?: string;
  /** The actions through which it came about. */
  readonly trail?: readonly string[];
  readonly data: JsonObject;
}

type Made = Pick<AppEvent, 'id' | 'at' | 'app'>;

/** All of an event but its id and data, of which one is made and the other read where somebody asks. */
export type EventHead = Omit<AppEvent, 'id' | 'data'>;

/** What an event has that is no payload, in characters. */
const BESIDE = 500;

/** What happened, with its id: as JSON text, and as filters look at it. Each is put together where somebody asks for it. */
export class Draft {
  /** About so many characters long. */
  readonly size: number;
  readonly #happening: Happening;
  readonly #made: Made;
  readonly #extra: JsonObject;
  #id: string | undefined;
  #head: EventHead | undefined;
  #text: string | undefined;
  #event: AppEvent | undefined;

  constructor(happening: Happening, made: Made, extra: JsonObject) {
    this.#happening = happening;
    this.#made = made;
    this.#extra = extra;
    let size = BESIDE;
    for (const name in happening.texts) size += happening.texts[name]?.length ?? 0;
    this.size = size;
  }

  /** Made when it is asked for, and once. */
  get id(): string {
    this.#id ??= this.#made.id;
    return this.#id;
  }

  get head(): EventHead {
    this.#head ??= headOf(this.#happening, this.#made);
    return this.#head;
  }

  get text(): string {
    if (this.#text === undefined) {
      const head = JSON.stringify({ id: this.id, ...this.head });
      this.#text = `${head.slice(0, -1)},"data":${dataText(this.#happening, this.#extra)}}`;
    }
    return this.#text;
  }

  readonly event = (): AppEvent => {
    this.#event ??= { id: this.id, ...this.head, data: dataOf(this.#happening, this.#extra) };
    return this.#event;
  };
}

const NOTHING_MORE: JsonObject = {};

export const draftEvent = (happening: Happening, made: Made, extra: JsonObject = NOTHING_MORE): Draft =>
  new Draft(happening, made, extra);

function dataText({ data, texts = {} }: Happening, extra: JsonObject): string {
  const fields = Object.entries(texts).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  const said = JSON.stringify({ ...data, ...extra }).slice(1, -1);
  return `{${[...fields, ...(said === '' ? [] : [said])].join()}}`;
}

/** The same, read. */
function dataOf({ data, texts }: Happening, extra: JsonObject): JsonObject {
  const read: Record<string, Json> = {};
  for (const name in texts) read[name] = JSON.parse(texts[name] ?? 'null') as Json;
  return Object.assign(read, data, extra);
}

/** Written out for what happens most: fields that are added to a copy cost twenty times as much. */
function headOf({ type, channel, principal, code, trail }: Happening, { at, app }: Made): EventHead {
  const about = eventPrincipal(principal);
  const told =
    channel === undefined ? { type, at, app, principal: about } : { type, at, app, channel, principal: about };
  if (code === undefined && (trail === undefined || trail.length === 0)) return told;
  return {
    ...told,
    ...(code === undefined ? {} : { code }),
    ...(trail === undefined || trail.length === 0 ? {} : { trail }),
  };
}

/** The vendor's schema for an event of ours, or our own name for one it does not have. */
export const schemaOf = (type: EventType): string => eventRow(type).vendor ?? `portcullis.${type}`;
