import { type Actions, type AppEvent, compileFilter, typesOf } from '@portcullis/automation/actions';
import { Language } from '@portcullis/automation/cel';
import { type Clock, isEventType } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import type { ListenerBook } from '../actions/listener-book.ts';
import { type ListenerSpec, parseListener, type ServerSettings } from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import { jsonObject, text } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const PRINCIPAL = { kind: 'anonymous', user: '', claimedUser: '', dbo: 0, row: 0, extras: {}, grant: null, name: '' };
const language = new Language(() => performance.now());

const verdict = v.object({
  id: v.string(),
  type: v.string(),
  channel: v.exactOptional(v.string()),
  at: v.number(),
  takes: v.boolean(),
  why: v.pipe(v.string(), v.description('`type`, `filter`, `error: …` or `taken`.')),
  event: v.exactOptional(jsonObject),
});

export interface DryRunDeps {
  readonly listeners: ListenerBook;
  readonly actions: Actions;
  readonly clock: Clock;
  readonly server: () => ServerSettings;
}

/** What a listener would take, without anything being done. */
export function dryRunOperations({ listeners, actions, clock, server }: DryRunDeps): readonly Operation[] {
  return [
    operation({
      id: 'dryRunAction',
      method: 'post',
      path: '/apps/{app}/action-dry-run',
      summary:
        'What a listener would take: of a sample, or of the last hundred real events. Asking for real ones has all events of the app remembered for 15 minutes; until then those are known that somebody listens to.',
      scope: 'actions',
      body: v.strictObject({
        action: v.exactOptional(v.pipe(text(64), v.description('Name of a listener that is there.'))),
        listener: v.exactOptional(v.pipe(jsonObject, v.description('Or one that is not, as it would be made.'))),
        sample: v.exactOptional(v.pipe(jsonObject, v.description('An event; what it leaves out is filled in.'))),
        payloads: v.exactOptional(v.boolean()),
      }),
      answer: v.object({ events: v.array(verdict), taken: v.number() }),
      handle: ({ app, body: { action, listener, sample, payloads = false } }) => {
        const spec = specOf(app, action, listener as JsonObject | undefined);
        const { recent } = actions.of(app);
        if (!sample) recent.watch(clock.now());
        const events = sample
          ? [sampleOf(app, sample as JsonObject, clock.now())]
          : recent.all().map((each): AppEvent => JSON.parse(each));
        const verdicts = events.map((event) => judge(spec, event, payloads));
        return { body: { events: verdicts, taken: verdicts.filter(({ takes }) => takes).length } };
      },
    }),
  ];

  function specOf(app: string, action: string | undefined, listener: JsonObject | undefined): ListenerSpec {
    if (action !== undefined) return listeners.find(app, action);
    const parsed = parseListener(listener ?? {}, server());
    if (parsed.ok) return parsed.value;
    throw new HttpProblem('listener.invalid', {
      errors: parsed.problems.map(({ path, message }) => ({ path: `listener.${path}`, message })),
    });
  }
}

function judge(spec: ListenerSpec, event: AppEvent, payloads: boolean) {
  const { id, type, channel, at } = event;
  const about = {
    id,
    type,
    at,
    ...(channel !== undefined && { channel }),
    ...(payloads && { event: event as unknown as JsonObject }),
  };
  if (!spec.on.some((word) => typesOf(word).includes(type))) return { ...about, takes: false, why: 'type' };
  const compiled = compileFilter(spec.filter, language);
  if (!compiled.ok) return { ...about, takes: false, why: `error: ${compiled.message}` };
  const { takes, error } = compiled.filter(event);
  return { ...about, takes, why: error === undefined ? (takes ? 'taken' : 'filter') : `error: ${error}` };
}

function sampleOf(app: string, sample: JsonObject, at: number): AppEvent {
  const { type } = sample;
  if (typeof type !== 'string' || !isEventType(type)) {
    throw new HttpProblem('request.malformed', {
      errors: [{ path: 'sample.type', message: 'expected an event type' }],
    });
  }
  return {
    id: 'evt_sample',
    at,
    data: {},
    ...sample,
    type,
    app,
    principal: { ...PRINCIPAL, ...(sample.principal as object) },
  } as AppEvent;
}
