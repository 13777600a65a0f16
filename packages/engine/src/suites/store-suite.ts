import type { Case } from './case.ts';
import { actionCases, durableActionCases } from './store-action-cases.ts';
import { authorityCases, durableAuthorityCases } from './store-authority-cases.ts';
import { durableFileCases, fileCases } from './store-file-cases.ts';
import { durableGroupCases, groupCases } from './store-group-cases.ts';
import type { StoreHarness } from './store-harness.ts';
import { durableHistoryCases, historyCases } from './store-history-cases.ts';
import { durableKeepingCases, keepingCases } from './store-keeping-cases.ts';
import { durableMessageCases, messageCases } from './store-message-cases.ts';
import { durableObjectCases, membershipCases, objectCases } from './store-object-cases.ts';
import { durableOutboxCases, outboxCases } from './store-outbox-cases.ts';
import { durableTrailCases, trailCases } from './store-trail-cases.ts';
import { durableTriggerCases, triggerCases } from './store-trigger-cases.ts';

/** The contract of the `Store` port, for every adapter: each case gets a store of its own. */
export const storeCases: readonly Case<StoreHarness>[] = [
  ...authorityCases,
  ...groupCases,
  ...historyCases,
  ...keepingCases,
  ...messageCases,
  ...actionCases,
  ...objectCases,
  ...membershipCases,
  ...fileCases,
  ...outboxCases,
  ...trailCases,
  ...triggerCases,
];

/** What adapters that outlive their process promise beyond it. */
export const durableStoreCases: readonly Case<StoreHarness>[] = [
  ...durableAuthorityCases,
  ...durableGroupCases,
  ...durableHistoryCases,
  ...durableKeepingCases,
  ...durableMessageCases,
  ...durableActionCases,
  ...durableObjectCases,
  ...durableFileCases,
  ...durableOutboxCases,
  ...durableTrailCases,
  ...durableTriggerCases,
];
