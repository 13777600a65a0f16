import { Counter, Histogram, type Registry } from 'prom-client';

export interface TriggerMetrics {
  /** A trigger stack ran. */
  triggerRan(app: string, action: string, outcome: string, ms: number): void;
  /** A step of a trigger failed or was late. */
  triggerStepFailed(app: string, kind: string): void;
}

export function createTriggerMetrics(registers: Registry[]): TriggerMetrics {
  const ran = new Counter({
    name: 'portcullis_trigger_runs_total',
    help: 'Runs of trigger stacks, by app, action (join, message) and outcome (pass, block, failed)',
    labelNames: ['app', 'action', 'outcome'],
    registers,
  });
  const took = new Histogram({
    name: 'portcullis_trigger_seconds',
    help: 'How long runs of trigger stacks took',
    labelNames: ['app', 'action'],
    buckets: [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10],
    registers,
  });
  const failed = new Counter({
    name: 'portcullis_trigger_step_failures_total',
    help: 'Steps of triggers that failed or were late, by app and kind',
    labelNames: ['app', 'kind'],
    registers,
  });
  return {
    triggerRan: (app, action, outcome, ms) => {
      ran.inc({ app, action, outcome });
      took.observe({ app, action }, ms / 1_000);
    },
    triggerStepFailed: (app, kind) => failed.inc({ app, kind }),
  };
}
