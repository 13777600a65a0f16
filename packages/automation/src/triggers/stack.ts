import {
  isPromise,
  type MaybePromise,
  type Narrowing,
  type TriggerCall,
  type TriggerStack,
  type Verdict,
} from '@portcullis/engine';
import { capturesOf } from '@portcullis/policy';
import type { Bindings, Expression } from '../cel/index.ts';
import { type CallInput, inputOf } from './input.ts';
import type { RunRecord, Runs, StepRecord } from './runs.ts';
import type { OnError, PlacedTrigger } from './spec.ts';
import type { Publishing, Step, StepOutcome, Trial } from './steps/step.ts';

/** A step as it stands in a stack. */
export interface StackedStep {
  readonly trigger: PlacedTrigger;
  /** Its place there, from 1 on. */
  readonly position: number;
  readonly when: Expression | null;
  readonly onError: OnError;
  readonly step: Step;
}

export interface StackDeps {
  readonly runs: Runs;
  /** ms of a clock that only measures. */
  readonly measure: () => number;
  /** Publishes what a step wants to be published beside. */
  readonly publish: (call: TriggerCall, step: StackedStep, publishing: readonly Publishing[]) => void;
}

const PASS: End = { type: 'pass' };
const UNCHANGED: Verdict = { pass: true };

/** How the channel of a stack is read. */
export interface StackTarget {
  readonly target: string;
  readonly nested: boolean;
}

/** The steps of one channel and action, in order. Immutable: a change makes another. */
export class Stack implements TriggerStack {
  readonly #params: (channel: string) => readonly string[];
  readonly #steps: readonly StackedStep[];
  readonly #deps: StackDeps;

  constructor(target: StackTarget, steps: readonly StackedStep[], deps: StackDeps) {
    this.#params = capturesOf(target);
    this.#steps = steps;
    this.#deps = deps;
  }

  run(call: TriggerCall): MaybePromise<Verdict> {
    const state = this.#begin(call, null);
    const ended = this.#walk(state);
    if (isPromise(ended)) return ended.then((end) => verdictOf(this.#close(state, end)));
    return verdictOf(this.#close(state, ended));
  }

  /** What `run` would do, with the steps it takes. Publishes nothing and is not noted. */
  try(call: TriggerCall, trial: Trial): MaybePromise<RunRecord> {
    const state = this.#begin(call, trial);
    const ended = this.#walk(state);
    return isPromise(ended) ? ended.then((end) => this.#close(state, end)) : this.#close(state, ended);
  }

  #begin(call: TriggerCall, trial: Trial | null): State {
    const began = this.#deps.measure();
    const input = inputOf(call, this.#params);
    return { call, trial, input, began, marked: began, narrow: null, steps: [], next: 0 };
  }

  #close(state: State, end: End): RunRecord {
    const record = recordOf(state, end);
    if (!state.trial) this.#deps.runs.add(record);
    return record;
  }

  /** As far as it goes without waiting; the rest behind what is waited for. */
  #walk(state: State): MaybePromise<End> {
    while (state.next < this.#steps.length) {
      const step = this.#steps[state.next];
      state.next += 1;
      if (!step) break;
      const outcome = start(step, state);
      if (isPromise(outcome)) {
        const goOn = (settled: StepOutcome | 'skipped') => this.#settle(state, step, settled) ?? this.#walk(state);
        return outcome.then(goOn, (error: unknown) => goOn(broke(error)));
      }
      const end = this.#settle(state, step, outcome);
      if (end) return end;
    }
    return PASS;
  }

  /** A step takes from where the one before it ended: the clock is read once for each. */
  #settle(state: State, step: StackedStep, outcome: StepOutcome | 'skipped'): End | null {
    const now = this.#deps.measure();
    const ms = now - state.marked;
    state.marked = now;
    const type = outcome === 'skipped' ? outcome : outcome.type;
    const error = outcome !== 'skipped' && outcome.type === 'failed' ? outcome.error : undefined;
    state.steps.push({ step, outcome: type, ms, error });
    if (outcome === 'skipped') return null;
    if (outcome.type === 'failed') return step.onError === 'pass' ? null : { type: 'failed', step };
    if (outcome.publish && !state.trial) this.#deps.publish(state.call, step, outcome.publish);
    if (outcome.type === 'block') return outcome;
    if (outcome.payload !== undefined) state.input.payload = outcome.payload;
    if (outcome.narrow) {
      const narrow = meet(state.narrow, outcome.narrow);
      if (narrow === 'nobody') return { type: 'block', code: 'trigger.blocked' };
      state.narrow = narrow;
    }
    return null;
  }
}

interface State {
  readonly call: TriggerCall;
  readonly trial: Trial | null;
  readonly input: CallInput;
  /** When it began, and when the last step ended. */
  readonly began: number;
  marked: number;
  narrow: Narrowing | null;
  readonly steps: StepRecord[];
  next: number;
}

type End =
  | { readonly type: 'pass' }
  | Extract<StepOutcome, { readonly type: 'block' }>
  | { readonly type: 'failed'; readonly step: StackedStep };

function start({ when, step }: StackedStep, { input, call, trial }: State): MaybePromise<StepOutcome | 'skipped'> {
  if (when) {
    const condition = when.test(input as unknown as Bindings);
    if (!condition.ok) return { type: 'failed', error: `when: ${condition.error}` };
    if (!condition.value) return 'skipped';
  }
  try {
    return step.run(input, { call, trial });
  } catch (error) {
    return broke(error);
  }
}

const broke = (error: unknown): StepOutcome => ({ type: 'failed', error: `it broke: ${String(error)}` });

/** Two narrowings of one message: those whom both leave. */
function meet(before: Narrowing | null, next: Narrowing): Narrowing | 'nobody' {
  if (!before || before.to === 'authenticated') return next;
  if (next.to === 'authenticated') return before;
  return JSON.stringify(before) === JSON.stringify(next) ? before : 'nobody';
}

function recordOf({ call, input, narrow, steps, began, marked }: State, end: End): RunRecord {
  return { call, end, steps, ms: marked - began, payload: input.changed, narrow };
}

function verdictOf({ end, payload, narrow }: RunRecord): Verdict {
  switch (end.type) {
    case 'pass':
      if (payload === null) return narrow ? { pass: true, narrow } : UNCHANGED;
      return narrow ? { pass: true, data: payload, narrow } : { pass: true, data: payload };
    case 'block':
      return { pass: false, code: end.code, ...(end.reason === undefined ? {} : { reason: end.reason }) };
    case 'failed':
      return { pass: false, code: 'trigger.failed' };
  }
}
