import type { AppEvents, Clock, EventType, Happening, Log, MaybePromise, OutboxEntry, Told } from '@portcullis/engine';
import type { Language } from '../cel/index.ts';
import type { ActionLimits, AppActions, DefinedListener } from './app-actions.ts';
import { DenialPace } from './denial-pace.ts';
import { type AppEvent, type Draft, draftEvent } from './event.ts';
import { typesOf } from './event-names.ts';
import { compileFilter, type Filter } from './filter/filter.ts';
import { Level } from './levels.ts';
import { RecentEvents } from './recent-events.ts';
import { actionName } from './spec.ts';

export interface ListenerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly language: Language;
  readonly eventId: () => string;
  /** Rising numbers, never one twice. */
  readonly nextSeq: () => number;
  readonly enqueue: (entries: Told) => Promise<void>;
}

interface Ear {
  readonly name: string;
  readonly filter: Filter;
  /** Whether the filter looks at an event's id or data. */
  readonly readsAll: boolean;
  /** As the outbox names them. */
  readonly actions: readonly string[];
}

/** Where and when an event was made; each id that is asked for is another. */
class Made {
  readonly app: string;
  readonly at: number;
  readonly #idOf: () => string;

  constructor(app: string, at: number, idOf: () => string) {
    this.app = app;
    this.at = at;
    this.#idOf = idOf;
  }

  get id(): string {
    return this.#idOf();
  }
}

const NOTHING: Told = [];
const NOBODY: readonly Ear[] = [];
/** ms between two lines of the log about the same trouble. */
const SAY_EVERY = 60_000;

/** Who listens in one app, and what each of them is to be told. */
export class AppListeners implements AppEvents {
  readonly app: string;
  readonly levels = new Map<string, Level>();
  readonly recent = new RecentEvents();
  readonly #deps: ListenerDeps;
  readonly #now: () => number;
  #ears: ReadonlyMap<EventType, readonly Ear[]> = new Map();
  #limits: ActionLimits | null = null;
  readonly #pace = new DenialPace();
  readonly #said = new Map<string, number>();

  constructor(app: string, deps: ListenerDeps) {
    this.app = app;
    this.#deps = deps;
    this.#now = () => deps.clock.now();
  }

  define({ listeners, limits }: AppActions): void {
    this.#limits = limits;
    const ears = new Map<EventType, Ear[]>();
    for (const listener of listeners.filter(({ enabled }) => enabled)) {
      const ear = this.#earOf(listener);
      for (const type of new Set(listener.on.flatMap(typesOf))) ears.set(type, [...(ears.get(type) ?? []), ear]);
    }
    this.#ears = ears;
  }

  /** Nobody listens any more. */
  silence(): void {
    this.#ears = new Map();
    this.#limits = null;
  }

  hears(type: EventType): boolean {
    return this.#ears.has(type) || this.recent.watching(this.#now);
  }

  note(happening: Happening): Told {
    try {
      return this.#note(happening);
    } catch (error) {
      // What happened goes on: what it is told to must not stand in its way.
      this.#deps.log.error('action.not-noted', { app: this.app, type: happening.type, error });
      return NOTHING;
    }
  }

  tell(happening: Happening): MaybePromise<void> {
    const entries = this.note(happening);
    return entries.length === 0 ? undefined : this.#deps.enqueue(entries);
  }

  levelOf(action: string): Level {
    const known = this.levels.get(action);
    if (known) return known;
    const level = new Level();
    this.levels.set(action, level);
    return level;
  }

  #note(happening: Happening): Told {
    const limits = this.#limits;
    if (!limits) return NOTHING;
    const at = this.#deps.clock.now();
    const denied = happening.type === 'access.denied';
    if (denied && !this.#pace.mayTell(at, limits, happening.address)) return NOTHING;
    const extra = denied ? { missed: this.#pace.takeMissed() } : undefined;
    const draft = draftEvent(happening, new Made(this.app, at, this.#deps.eventId), extra);
    this.recent.add(draft);
    let told = NOTHING;
    for (const ear of this.#ears.get(happening.type) ?? NOBODY) {
      const entries = this.#tellEar(ear, happening, draft, at, limits);
      if (entries.length > 0) told = [...told, ...entries];
    }
    return told;
  }

  #tellEar(ear: Ear, { trail, channel = '' }: Happening, draft: Draft, at: number, limits: ActionLimits): Told {
    // What it brought about itself would go round for ever.
    if (trail?.includes(ear.name)) return NOTHING;
    const { takes, error } = ear.filter(ear.readsAll ? draft.event() : (draft.head as AppEvent));
    if (error !== undefined) this.#say('action.filter-erred', ear.name, { error });
    if (!takes) return NOTHING;
    const entries: OutboxEntry[] = [];
    for (const action of ear.actions) {
      const over = this.levelOf(action).take(draft.text, limits);
      if (over) this.#say('action.event-dropped', action, { code: over });
      else entries.push({ seq: this.#deps.nextSeq(), app: this.app, action, channel, event: draft.text, at });
    }
    return entries;
  }

  #earOf(listener: DefinedListener): Ear {
    const { name } = listener;
    const compiled = compileFilter(listener.filter, this.#deps.language);
    if (!compiled.ok) throw new Error(`the filter of listener "${name}" cannot be read: ${compiled.message}`);
    const { filter, readsAll } = compiled;
    return { name, filter, readsAll, actions: listener.do.map((action) => actionName(listener, action)) };
  }

  /** Once a minute for each trouble: strangers can make it happen often. */
  #say(event: string, about: string, fields: Readonly<Record<string, unknown>>): void {
    const key = `${event} ${about}`;
    const now = this.#deps.clock.now();
    if (now < (this.#said.get(key) ?? 0)) return;
    this.#said.set(key, now + SAY_EVERY);
    this.#deps.log.warn(event, { app: this.app, action: about, ...fields });
  }
}
