import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('what the engine counts appears in the text form, in base units', async () => {
  const metrics = createMetrics();
  metrics.meter.published('demo', 'everyone');
  metrics.meter.delivered('demo', 7);
  metrics.meter.denied('demo', 'channel.no-rule', 'anonymous', null);
  metrics.meter.sessionOpened('demo');
  metrics.meter.sessionOpened('demo');
  metrics.meter.sessionClosed('demo', 'identity.expired');
  metrics.meter.expiryLag(40);
  metrics.meter.settled('demo', 3, 20);
  metrics.answered('/healthz', 200);
  const text = await metrics.text();
  for (const line of [
    'portcullis_published_total{app="demo",audience="everyone"} 1',
    'portcullis_delivered_total{app="demo"} 7',
    'portcullis_denied_total{app="demo",code="channel.no-rule"} 1',
    'portcullis_sessions{app="demo"} 1',
    'portcullis_sessions_closed_total{app="demo",code="identity.expired"} 1',
    'portcullis_expiry_lag_seconds_sum 0.04',
    'portcullis_settled_subscriptions_total{app="demo"} 3',
    'portcullis_http_answers_total{route="/healthz",status="200"} 1',
  ]) {
    expect(text).toContain(line);
  }
});

test('two servers in one process count apart', async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.meter.delivered('demo', 1);
  expect(await two.text()).not.toContain('portcullis_delivered_total{');
});
