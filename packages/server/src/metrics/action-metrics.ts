import type { ActionState } from '@portcullis/automation/actions';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the metrics look at, when they are asked for. */
export interface ActionSource {
  readonly apps: readonly string[];
  states(app: string): readonly ActionState[];
}

type Number = Exclude<
  { [K in keyof ActionState]: ActionState[K] extends number ? K : never }[keyof ActionState],
  never
>;

/** Counts of the actions, read where they are kept at the moment they are asked for. */
export function registerActionMetrics(registry: Registry, source: ActionSource, now: () => number): void {
  const registers = [registry];
  const labelNames = ['app', 'action'] as const;
  const each = (visit: (labels: { app: string; action: string }, state: ActionState) => void) => {
    for (const app of source.apps) for (const state of source.states(app)) visit({ app, action: state.action }, state);
  };
  const gauge = (name: string, help: string, read: (state: ActionState) => number) =>
    new Gauge({
      name: `portcullis_action_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        each((labels, state) => this.set(labels, read(state)));
      },
    });
  const counter = (name: string, help: string, field: Number) =>
    new Counter({
      name: `portcullis_action_${name}_total`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        each((labels, state) => this.inc(labels, state[field]));
      },
    });
  gauge('waiting', 'Events that wait for an action', ({ waiting }) => waiting);
  gauge('waiting_bytes', 'Bytes of the events that wait for an action', ({ bytes }) => bytes);
  gauge('oldest_seconds', 'Age of the oldest event that waits for an action', ({ oldestAt }) =>
    oldestAt === null ? 0 : Math.max(0, now() - oldestAt) / 1_000,
  );
  gauge('failing', 'Whether the last attempt of an action failed', ({ failing }) => (failing ? 1 : 0));
  counter('done', 'Events that an action handed over', 'done');
  counter('failed', 'Attempts that failed and are made again', 'failed');
  counter('dead', 'Events that became dead letters', 'dead');
  counter('dropped', 'Events left out at a limit of the outbox, or because the store failed', 'dropped');
}
