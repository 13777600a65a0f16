import type { JsonObject, RuleSpec, TemplateName } from '@portcullis/policy';
import { RULE_DEFAULTS, TEMPLATES } from '@portcullis/policy';
import type { LiveApp } from '../apps/live-app.ts';
import { isLoopback, type ServerSettings } from '../config/index.ts';

export const DEMO_APP = 'demo';
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as [TemplateName, ...TemplateName[]];

/** Made-up people of the playground. */
export const PEOPLE: readonly { readonly user: string; readonly name: string; readonly extras: JsonObject }[] = [
  { user: 'ada', name: 'Ada', extras: { name: 'Ada', role: 'engineer' } },
  { user: 'bo', name: 'Bo', extras: { name: 'Bo', role: 'designer' } },
];

/** Messages kept on a channel; none on that of direct messages, so that a refused history can be seen as well. */
const HISTORY = 25;

/**
 * Whether this app may be shown on the playground, where anybody can change its rules and be its users: on this machine
 * alone, or where the operator said so.
 */
export function isPlayground({ config }: LiveApp, { host, playground }: ServerSettings): boolean {
  const wanted = playground === 'on' || (playground === 'auto' && isLoopback(host));
  const able = config.connectionHash !== undefined && config.identity.jwt.some(({ kind }) => kind === 'secret');
  return wanted && able && config.id === DEMO_APP;
}

export function targetOf(template: TemplateName): string {
  return `${template}/*`;
}

export function channelOf(template: TemplateName): string {
  return `${template}/lobby`;
}

/** A template's rule as the playground begins with it. */
export function demoRule(template: TemplateName, historyMax: number): RuleSpec {
  const history = template === 'members-with-direct-messages' ? 0 : Math.min(HISTORY, historyMax);
  return { ...RULE_DEFAULTS, ...TEMPLATES[template], target: targetOf(template), nested: true, history };
}
