import { feedCases } from './broker-feed-cases.ts';
import type { BrokerHarness } from './broker-harness.ts';
import { placeCases } from './broker-place-cases.ts';
import type { Case } from './case.ts';

/** The contract of the `Broker` port, for every adapter: each case gets a broker of its own. */
export const brokerCases: readonly Case<BrokerHarness>[] = [...placeCases, ...feedCases];
