import type { Meter } from '@portcullis/engine';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type ActionSource, registerActionMetrics } from './action-metrics.ts';
import { Tally } from './tally.ts';
import { createTriggerMetrics, type TriggerMetrics } from './trigger-metrics.ts';

export interface Metrics extends TriggerMetrics {
  readonly meter: Meter;
  /** An HTTP answer was sent. `route` is the route's pattern, never the path: paths are chosen by strangers. */
  answered(route: string, status: number): void;
  /** An upgrade was refused before it reached a door. */
  upgradeRefused(code: string): void;
  /** Something failed that nothing caught. */
  faulted(): void;
  /** Counts of actions, read where they are kept. Call once. */
  watchActions(source: ActionSource, now: () => number): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/** Prometheus metrics in a registry of their own: two servers in one process do not share counts. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const published = new Counter({
    name: 'portcullis_published_total',
    help: 'Publications accepted, by app and audience',
    labelNames: ['app', 'audience'],
    registers,
  });
  const delivered = new Counter({
    name: 'portcullis_delivered_total',
    help: 'Messages handed to sockets or their queues',
    labelNames: ['app'],
    registers,
  });
  const denied = new Counter({
    name: 'portcullis_denied_total',
    help: 'Refusals, by app and code',
    labelNames: ['app', 'code'],
    registers,
  });
  const sessions = new Gauge({
    name: 'portcullis_sessions',
    help: 'Live sessions, by app',
    labelNames: ['app'],
    registers,
  });
  const closed = new Counter({
    name: 'portcullis_sessions_closed_total',
    help: 'Sessions that ended, by app and code',
    labelNames: ['app', 'code'],
    registers,
  });
  const expiryLag = new Histogram({
    name: 'portcullis_expiry_lag_seconds',
    help: 'From the instant a proof expired to its client being told',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const settled = new Histogram({
    name: 'portcullis_settle_seconds',
    help: 'From a change of authority being in force to the last affected subscription having been told',
    labelNames: ['app'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const settledSubs = new Counter({
    name: 'portcullis_settled_subscriptions_total',
    help: 'Subscriptions decided again after a change of authority',
    labelNames: ['app'],
    registers,
  });
  const answers = new Counter({
    name: 'portcullis_http_answers_total',
    help: 'HTTP answers, by route and status',
    labelNames: ['route', 'status'],
    registers,
  });
  const upgradesRefused = new Counter({
    name: 'portcullis_upgrades_refused_total',
    help: 'WebSocket upgrades refused before a door saw them, by code',
    labelNames: ['code'],
    registers,
  });

  const faults = new Counter({
    name: 'portcullis_faults_total',
    help: 'Faults that nothing caught; the log describes each',
    registers,
  });

  const publications = new Tally((app, audience, count) => published.inc({ app, audience }, count));
  const deliveries = new Tally((app, _, count) => delivered.inc({ app }, count));
  const denials = new Tally((app, code, count) => denied.inc({ app, code }, count));
  const triggers = createTriggerMetrics(registers);

  return {
    ...triggers,
    meter: {
      published: (app, audience) => publications.add(app, audience, 1),
      delivered: (app, messages) => deliveries.add(app, '', messages),
      denied: (app, code) => denials.add(app, code, 1),
      sessionOpened: (app) => sessions.inc({ app }),
      sessionClosed: (app, code) => {
        sessions.dec({ app });
        closed.inc({ app, code });
      },
      expiryLag: (ms) => expiryLag.observe(ms / 1_000),
      settled: (app, subs, ms) => {
        settled.observe({ app }, ms / 1_000);
        settledSubs.inc({ app }, subs);
      },
    },
    answered: (route, status) => answers.inc({ route, status }),
    upgradeRefused: (code) => upgradesRefused.inc({ code }),
    faulted: () => faults.inc(),
    watchActions: (source, now) => registerActionMetrics(registry, source, now),
    contentType: registry.contentType,
    text: () => {
      publications.settle();
      deliveries.settle();
      denials.settle();
      return registry.metrics();
    },
  };
}
