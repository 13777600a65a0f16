import type { RunObserver, RunRecord } from '@portcullis/automation/triggers';
import type { Clock, EngineApi, Log } from '@portcullis/engine';
import type { Metrics } from '../metrics/metrics.ts';

export interface ObserveDeps {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  /** There is none yet when this is made. */
  readonly engine: () => Pick<EngineApi, 'events' | 'has'>;
}

/** Failures of one app are logged once in so many ms. */
const LOG_PAUSE = 10_000;

/** Counts runs, and tells operators and listeners of steps that failed. */
export function observeRuns({ metrics, clock, log, engine }: ObserveDeps): RunObserver {
  const quietUntil = new Map<string, number>();
  return (record) => {
    const { call, end, steps, ms } = record;
    metrics.triggerRan(call.app, call.action, end.type, ms);
    if (end.type === 'pass' && steps.every(({ outcome }) => outcome !== 'failed')) return;
    tellFailures(record, engine());
    const failure = steps.find(({ outcome }) => outcome === 'failed');
    if (!failure) return;
    metrics.triggerStepFailed(call.app, failure.step.step.kind);
    if (clock.now() < (quietUntil.get(call.app) ?? 0)) return;
    quietUntil.set(call.app, clock.now() + LOG_PAUSE);
    const { trigger, position, onError } = failure.step;
    log.warn('trigger.failed', {
      app: call.app,
      trigger: `${trigger.origin} ${trigger.id}`,
      step: position,
      error: failure.error,
      passed: onError === 'pass',
    });
  };
}

function tellFailures({ call, steps }: RunRecord, engine: Pick<EngineApi, 'events' | 'has'>): void {
  if (!engine.has(call.app)) return;
  const events = engine.events(call.app);
  if (!events.hears('trigger.failed')) return;
  for (const { outcome, step, error } of steps) {
    if (outcome !== 'failed') continue;
    void events.tell({
      type: 'trigger.failed',
      principal: call.principal,
      channel: call.channel,
      code: 'trigger.failed',
      data: {
        action: call.action,
        step: `${step.trigger.origin} ${step.trigger.id}, step ${step.position}`,
        reason: error ?? '',
        passed: step.onError === 'pass',
      },
    });
  }
}
