export type { BrokerHarness } from './broker-harness.ts';
export { brokerCases } from './broker-suite.ts';
export type { Case } from './case.ts';
export { type FilesHarness, filesCases } from './files-suite.ts';
export type { StoreHarness } from './store-harness.ts';
export { durableStoreCases, storeCases } from './store-suite.ts';
