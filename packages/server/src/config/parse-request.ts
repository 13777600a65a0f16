import type { ListenerSpec } from '@portcullis/automation/actions';
import type { TriggerSpec } from '@portcullis/automation/triggers';
import { type RuleSpec, validateTarget } from '@portcullis/policy';
import { checkListener } from './checks/actions.ts';
import { checkHistory } from './checks/channels.ts';
import { checkApp, type Surroundings } from './checks/index.ts';
import { checkTrigger } from './checks/triggers.ts';
import type { Problem } from './problem.ts';
import { resolveApp } from './resolve.ts';
import { resolveListener } from './resolve-listener.ts';
import { resolveTrigger } from './resolve-trigger.ts';
import { listenerSchema } from './schema/actions.ts';
import { appSettingsSchema } from './schema/app.ts';
import { channelSchema } from './schema/channel.ts';
import { triggerSchema } from './schema/triggers.ts';
import { shapeOf } from './shape.ts';
import { showPath } from './tree.ts';
import type { AppConfig } from './types.ts';
import { validate } from './validate.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const SETTINGS = shapeOf(appSettingsSchema);
const RULE = shapeOf(channelSchema);
const TRIGGER = shapeOf(triggerSchema);
const LISTENER = shapeOf(listenerSchema);

/** An app as the management API takes it and the store keeps it: the file's keys but `channels`. Uniqueness over apps is the caller's (`checkUniqueness`). */
export function parseAppSettings(json: unknown, server: Surroundings): Parsed<AppConfig> {
  const read = validate(appSettingsSchema, json, SETTINGS);
  if (!read.ok) return refuse(read.found, json);
  const findings = checkApp(read.value, [], server);
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) return refuse(errors, json);
  return { ok: true, value: resolveApp(read.value, server), warnings: findings.map((finding) => show(finding, json)) };
}

/** A rule as the management API takes it. That no other rule has its target is the caller's to see. */
export function parseRuleSpec(json: unknown, { historyMax }: { readonly historyMax: number }): Parsed<RuleSpec> {
  const read = validate(channelSchema, json, RULE);
  if (!read.ok) return refuse(read.found, json);
  const target = validateTarget(read.value.target, read.value.nested);
  const findings = [
    ...(target.ok ? [] : [{ path: ['target'], message: target.reason }]),
    ...checkHistory(read.value.history, historyMax, ['history']),
  ];
  return findings.length > 0 ? refuse(findings, json) : { ok: true, value: read.value, warnings: [] };
}

/** A trigger as the management API takes it and the store keeps it. */
export function parseTriggerSpec(json: unknown, server: Surroundings): Parsed<TriggerSpec> {
  const read = validate(triggerSchema, json, TRIGGER);
  if (!read.ok) return refuse(read.found, json);
  const findings = checkTrigger(read.value, [], server);
  return findings.length > 0 ? refuse(findings, json) : { ok: true, value: resolveTrigger(read.value), warnings: [] };
}

/** A listener as the management API takes it and the store keeps it. */
export function parseListener(json: unknown, server: Surroundings): Parsed<ListenerSpec> {
  const read = validate(listenerSchema, json, LISTENER);
  if (!read.ok) return refuse(read.found, json);
  const findings = checkListener(read.value, [], server);
  if (findings.length > 0) return refuse(findings, json);
  return { ok: true, value: resolveListener(read.value), warnings: [] };
}

interface Located {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function show({ path, message }: Located, json: unknown): Problem {
  return { path: showPath(path, json), message };
}

function refuse(found: readonly Located[], json: unknown): { ok: false; problems: readonly Problem[] } {
  return { ok: false, problems: found.map((one) => show(one, json)) };
}
