import { describe, it } from 'vitest';
import type { BrokerHarness } from '../suites/index.ts';
import { brokerCases } from '../suites/index.ts';
import { MemoryBroker } from './memory-broker.ts';

/** Its clock stands still until a case moves it, and what it does it has done when it returns. */
function harness(): BrokerHarness {
  let now = 1_764_000_000_000;
  let made = 0;
  const id = () => `id-${++made}`;
  const clock = { now: () => now, after: () => () => {}, endOfTurn: () => {} };
  return {
    broker: new MemoryBroker({ clock, ids: { session: id, epoch: id } }),
    setTime: (ms) => {
      now = ms;
    },
    settled: async () => {},
  };
}

describe('MemoryBroker keeps the contract of a broker', () => {
  for (const { name, run } of brokerCases) it(name, () => run(harness()));
});
