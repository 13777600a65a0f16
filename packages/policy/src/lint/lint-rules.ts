import type { Rule } from '../rule.ts';
import { matchesTarget, validateTarget } from '../target.ts';
import { exampleName } from './example-name.ts';
import type { Lint } from './lint.ts';
import { Neighbourhood } from './neighbourhood.ts';

/** Rules that are looked at beside one rule: more would only make `check` slow. */
const MAX_NEIGHBOURS = 500;

/** What is probably not meant about an app's rules: conflicts, rules that never apply, and to whom names are handed over. */
export function lintRules(rules: readonly Rule[]): readonly Lint[] {
  const lints: Lint[] = [];
  const neighbourhood = new Neighbourhood(rules);
  const first = new Map<string, Rule>();
  for (const rule of [...rules].sort((a, b) => a.id - b.id)) {
    const valid = validateTarget(rule.target, rule.nested);
    const twin = rule.enabled ? first.get(keyOf(rule)) : undefined;
    if (!valid.ok) lints.push(invalid(rule, valid.reason));
    else if (twin !== undefined) lints.push(conflict(twin, rule));
    else lints.push(...lintRule(rule, neighbourhood));
    if (rule.enabled && twin === undefined) first.set(keyOf(rule), rule);
  }
  return lints;
}

function lintRule(rule: Rule, neighbourhood: Neighbourhood): readonly Lint[] {
  const before = neighbourhood.before(rule, MAX_NEIGHBOURS).filter((other) => exampleName([rule, other]) !== undefined);
  const example = exampleName([rule], before);
  if (!rule.enabled) return handOver(rule, example, neighbourhood);
  const hides = example === undefined && before.length > 0 ? [hidden(rule, before)] : [];
  return [...hides, ...handOver(rule, example, neighbourhood), ...switches(rule)];
}

function invalid(rule: Rule, reason: string): Lint {
  return { level: 'warning', kind: 'rule-invalid', rules: [rule.id], message: `${spell(rule)}: ${reason}` };
}

function conflict(rule: Rule, twin: Rule): Lint {
  const message = `${spell(rule)} and ${spell(twin)} have the same target: the first applies`;
  return { level: 'warning', kind: 'rule-conflict', rules: [rule.id, twin.id], message };
}

function hidden(rule: Rule, before: readonly Rule[]): Lint {
  const names = before.slice(0, 3).map(spell).join(', ');
  const message = `${spell(rule)} never applies: for every name another goes before it (${names})`;
  return { level: 'warning', kind: 'rule-hidden', rules: [rule.id, ...before.map(({ id }) => id)], message };
}

/** To which wider rule its names go, or would go, without it: worth a remark where that rule allows more. */
function handOver(rule: Rule, example: string | undefined, neighbourhood: Neighbourhood): readonly Lint[] {
  if (example === undefined) return [];
  const next = neighbourhood.after(rule, MAX_NEIGHBOURS).find((other) => matchesTarget(other, example));
  if (next === undefined) return [];
  const more = allowedMore(next, rule);
  if (more.length === 0) return [];
  const about = { rules: [rule.id, next.id], example };
  const allows = `${spell(next)}, which also allows: ${more.join(', ')}`;
  if (!rule.enabled) {
    const message = `${spell(rule)} is disabled, so ${example} is under ${allows}`;
    return [{ level: 'warning', kind: 'rule-disabled-hand-over', ...about, message }];
  }
  const message = `deleting or disabling ${spell(rule)} would hand ${example} to ${allows}`;
  return [{ level: 'note', kind: 'rule-hand-over', ...about, message }];
}

function allowedMore(wider: Rule, rule: Rule): readonly string[] {
  const more: string[] = [];
  const add = (name: string, here: boolean, there: boolean): void => {
    if (there && !here) more.push(name);
  };
  const open = (one: Rule['publicMessaging']): boolean => one.enabled && !one.authenticatedOnly;
  add('anonymousClients', rule.anonymousClients, wider.anonymousClients);
  add('presence', rule.presence, wider.presence);
  add('publicMessaging', rule.publicMessaging.enabled, wider.publicMessaging.enabled);
  add('publicMessaging by anonymous clients', open(rule.publicMessaging), open(wider.publicMessaging));
  add('authenticatedMessaging', rule.authenticatedMessaging, wider.authenticatedMessaging);
  add('privateMessaging', rule.privateMessaging.enabled, wider.privateMessaging.enabled);
  add('privateMessaging by anonymous clients', open(rule.privateMessaging), open(wider.privateMessaging));
  add('history', rule.history > 0, wider.history > rule.history);
  return more;
}

function* switches(rule: Rule): Generator<Lint> {
  const at = { level: 'note', rules: [rule.id] } as const;
  if (rule.publicMessaging.enabled && !rule.publicMessaging.authenticatedOnly && !rule.anonymousClients) {
    const message = `${spell(rule)}: only signed-in clients can join, so nobody anonymous can send`;
    yield { ...at, kind: 'rule-public-without-anonymous', message };
  }
  for (const name of ['publicMessaging', 'privateMessaging'] as const) {
    if (!rule[name].enabled && rule[name].authenticatedOnly) {
      const message = `${spell(rule)}: ${name}.authenticatedOnly does nothing while ${name} is off`;
      yield { ...at, kind: 'rule-idle-switch', message };
    }
  }
}

const keyOf = ({ target, nested }: Rule): string => JSON.stringify([target, nested]);

const spell = ({ id, target }: Rule): string => `rule ${id} (${target})`;
