import type { Language } from '../../cel/index.ts';
import type { AppEvent } from '../event.ts';
import type { FilterSpec } from '../spec.ts';
import { basicFilter } from './basic.ts';
import { compilePathFilter } from './path-filter.ts';

/** What a filter makes of one event. One that errs takes nothing. */
export type FilterAnswer = { readonly takes: boolean; readonly error?: string };
export type Filter = (event: AppEvent) => FilterAnswer;

export type CompiledFilter =
  | {
      readonly ok: true;
      readonly filter: Filter;
      /** Whether it looks at an event's id or data: otherwise the rest of the event is all it needs. */
      readonly readsAll: boolean;
    }
  | { readonly ok: false; readonly key: 'cel' | 'jsonpath'; readonly message: string };

const EVENT_FIELDS = new Set(['id', 'type', 'at', 'app', 'channel', 'principal', 'code', 'trail', 'data']);
export const EVENT_NAMES = new Map([['event', EVENT_FIELDS]]);

const takesAll: Filter = () => ({ takes: true });

export function compileFilter(spec: FilterSpec | null, language: Language): CompiledFilter {
  if (spec === null) return { ok: true, filter: takesAll, readsAll: false };
  if ('basic' in spec) {
    const takes = basicFilter(spec.basic);
    return { ok: true, filter: (event) => ({ takes: takes(event) }), readsAll: false };
  }
  if ('jsonpath' in spec) {
    const compiled = compilePathFilter(spec.jsonpath);
    return compiled.ok
      ? { ok: true, filter: (event) => ({ takes: compiled.test(event) }), readsAll: true }
      : { ok: false, key: 'jsonpath', message: compiled.message };
  }
  const compiled = language.compile(spec.cel, EVENT_NAMES);
  if (!compiled.ok) {
    const { message, line, column } = compiled.problem;
    return { ok: false, key: 'cel', message: `${message} (line ${line}, column ${column})` };
  }
  const reached = compiled.reached('event');
  return {
    ok: true,
    readsAll: reached === null || reached.has('data') || reached.has('id'),
    filter: (event) => {
      const tested = compiled.expression.test({ event });
      return tested.ok ? { takes: tested.value } : { takes: false, error: tested.error };
    },
  };
}
