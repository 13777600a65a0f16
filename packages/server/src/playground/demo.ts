import type { JsonObject, RuleSpec, TemplateName } from '@portcullis/policy';
import { RULE_DEFAULTS, TEMPLATES } from '@portcullis/policy';
import type { LiveApp } from '../apps/live-app.ts';
import { isExample } from '../config/example-secrets.ts';
import { type AppConfig, isLoopback, type ServerSettings } from '../config/index.ts';

export const DEMO_APP = 'demo';
/** Who the trail says it was. */
export const ACTOR = 'playground';
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as [TemplateName, ...TemplateName[]];

/** Made-up people of the playground. */
export const PEOPLE: readonly { readonly user: string; readonly name: string; readonly extras: JsonObject }[] = [
  { user: 'ada', name: 'Ada', extras: { name: 'Ada', role: 'engineer' } },
  { user: 'bo', name: 'Bo', extras: { name: 'Bo', role: 'designer' } },
];

/** Messages kept on a channel; none on that of direct messages, so that a refused history can be seen as well. */
const HISTORY = 25;

/** Its secrets stand in our examples, all of them: nobody can mean to keep anything in it. */
function isOurExample({ keys, identity }: AppConfig): boolean {
  const signing = [keys.secret, keys.previousSecret].filter((secret) => secret !== undefined);
  return signing.every(isExample) && identity.jwt.every((key) => key.kind === 'secret' && isExample(key.secret));
}

/**
 * Whether this app may be shown on the playground, where anybody can change its rules and be its users: the demo as we
 * ship it, on this machine alone, or any app `demo` where the operator said so. An id is no consent: it is a name that
 * people give to apps of their own.
 */
export function isPlayground({ config }: LiveApp, { host, playground }: ServerSettings): boolean {
  const wanted = playground === 'on' || (playground === 'auto' && isLoopback(host) && isOurExample(config));
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
