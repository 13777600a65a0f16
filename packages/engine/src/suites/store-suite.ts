import type { Case } from './case.ts';
import { authorityCases, durableAuthorityCases } from './store-authority-cases.ts';
import type { StoreHarness } from './store-harness.ts';
import { durableHistoryCases, historyCases } from './store-history-cases.ts';
import { durableKeepingCases, keepingCases } from './store-keeping-cases.ts';
import { durableTrailCases, trailCases } from './store-trail-cases.ts';

/** The contract of the `Store` port, for every adapter: each case gets a store of its own. */
export const storeCases: readonly Case<StoreHarness>[] = [
  ...authorityCases,
  ...historyCases,
  ...keepingCases,
  ...trailCases,
];

/** What adapters that outlive their process promise beyond it. */
export const durableStoreCases: readonly Case<StoreHarness>[] = [
  ...durableAuthorityCases,
  ...durableHistoryCases,
  ...durableKeepingCases,
  ...durableTrailCases,
];
