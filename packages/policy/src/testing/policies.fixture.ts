import type { AccessSettings, Features } from '../access.ts';
import { compilePolicy } from '../compile-policy.ts';
import { BIT, type Grant, type GrantTable, type Permission } from '../grant/grant.ts';
import type { Policy, PolicySource } from '../policy.ts';
import type { Principal, User } from '../principal.ts';
import type { Rule } from '../rule.ts';
import { type PartialRuleSpec, ruleFromSpec } from '../rule-spec.ts';
import { FEATURES, SETTINGS } from './settings.fixture.ts';

/** Policies and principals for decision tables. */

export const NOW = 1_700_000_000_000;

export function appSettings(changed: Partial<AccessSettings> = {}): AccessSettings {
  return { ...SETTINGS, ...changed };
}

export const withFeatures = (changed: Partial<Features>): AccessSettings =>
  appSettings({ features: { ...FEATURES, ...changed } });

export function sourceOf(rules: readonly Rule[], changed: Partial<AccessSettings> = {}): PolicySource {
  return { app: 'app', epoch: 1, settings: appSettings(changed), rules, revocations: [], bans: [] };
}

let nextRule = 0;
export function rule(spec: PartialRuleSpec): Rule {
  return ruleFromSpec(spec, { id: ++nextRule, version: 1, origin: 'store' });
}

export function policyOf(rules: readonly PartialRuleSpec[], changed: Partial<AccessSettings> = {}): Policy {
  return compilePolicy(sourceOf(rules.map(rule), changed));
}

/** Grants on, rules off. */
export const byGrants = (changed: Partial<AccessSettings> = {}): Policy =>
  policyOf([], { rules: false, grants: true, ...changed });

export const ann: User = { kind: 'user', user: 'ann', table: 1, row: 'ann', extras: {}, credentials: [] };
export const bob: User = { ...ann, user: 'bob', row: 'bob' };
export const stated: Principal = { kind: 'stated', user: 'ann', credentials: [] };
export const server: Principal = { kind: 'server', name: 'key-1', credentials: [] };

type Section = { readonly [name: string]: readonly Permission[] };
export interface Granted {
  readonly channels?: Section;
  readonly groups?: Section;
  readonly uuids?: Section;
}

let nextGrant = 0;
export function grantOf(resources: Granted, patterns: Granted = {}, changed: Partial<Grant> = {}): Grant {
  return {
    id: `grant-${++nextGrant}`,
    key: 'key-1',
    issuedAt: NOW / 1000 - 60,
    ttl: 60,
    resources: tableOf(resources),
    patterns: tableOf(patterns),
    meta: {},
    ...changed,
  };
}

const tableOf = ({ channels, groups, uuids }: Granted): GrantTable => ({
  channels: sectionOf(channels),
  groups: sectionOf(groups),
  uuids: sectionOf(uuids),
});

const sectionOf = (section: Section = {}): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(section).map(([name, permissions]) => [name, permissions.reduce((mask, one) => mask | BIT[one], 0)]),
  );
