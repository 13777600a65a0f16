export type { Explanation, PartialRuleSpec } from '@portcullis/policy';
export type { TestGrant, TestUser } from './people.ts';
export { TestServer, type TestServerOptions } from './test-server.ts';
