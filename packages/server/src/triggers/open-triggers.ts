import { randomBytes } from 'node:crypto';
import { createPost } from '@portcullis/automation/outbound';
import { TriggerRuntime } from '@portcullis/automation/triggers';
import type { Clock, Engine, Log } from '@portcullis/engine';
import type { ServerConfig } from '../config/index.ts';
import type { LiveSettings } from '../live-settings.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { observeRuns } from './observe.ts';
import { TriggerBook } from './trigger-book.ts';

export interface OpenTriggers {
  readonly engine: Engine;
  readonly config: ServerConfig;
  readonly settings: LiveSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Compiles an app's triggers anew. */
  readonly refresh: (app: string) => Promise<void>;
}

/** What runs triggers, and knows which there are. */
export function openTriggers({ engine, config, settings, clock, log, metrics, refresh }: OpenTriggers): TriggerBook {
  const runtime = new TriggerRuntime({
    clock,
    log,
    measure: () => performance.now(),
    memory: () => process.memoryUsage.rss(),
    post: createPost(() => config.server.outbound),
    id: () => randomBytes(15).toString('base64url'),
    publishAs: (call) => engine.stateless.publishAs(call),
    observe: observeRuns({ metrics, clock, log, engine: () => engine }),
    onFunctionsChanged: (app) => {
      refresh(app).catch((error: unknown) => log.error('trigger.reload-failed', { app, error }));
    },
  });
  const surroundings = { base: config.base, env: process.env };
  return new TriggerBook({ runtime, engine, server: () => settings.server, surroundings, log });
}
