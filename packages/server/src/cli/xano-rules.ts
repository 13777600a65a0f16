import { validateTarget } from '@portcullis/policy';
import type { XanoChannel, XanoExport } from './xano-export.ts';

/** The rules of an export as they are written in our file, and what has no counterpart. */
export interface Imported {
  readonly channels: readonly Readonly<Record<string, unknown>>[];
  readonly notes: readonly string[];
}

export function toRules(exports: readonly XanoExport[]): Imported {
  const notes = exports.flatMap(aboutWorkspace);
  const channels = exports.flatMap((one) => one.channels);
  const seen = new Set<string>();
  const rules = channels.flatMap((channel) => {
    const { pattern, nested } = channel;
    const say = (note: string) => notes.push(`${JSON.stringify(pattern)}: ${note}`);
    const legal = validateTarget(pattern, nested);
    const key = JSON.stringify([pattern, nested]);
    if (!legal.ok) {
      say(`left out, as ${legal.reason}.`);
      return [];
    }
    if (channel.enabled && seen.has(key)) {
      say('left out, as another rule has the same target.');
      return [];
    }
    if (channel.enabled) seen.add(key);
    for (const note of remarks(channel)) say(note);
    return [toRule(channel)];
  });
  return { channels: rules, notes };
}

function aboutWorkspace({ enabled, hash, triggers }: XanoExport): string[] {
  return [
    ...(enabled === false ? ['Realtime is off in the workspace: add `enabled: off` to the app to keep it so.'] : []),
    ...(hash === undefined
      ? []
      : [`The connection hash of the workspace goes to the app: connectionHash: ${JSON.stringify(hash)}`]),
    ...(triggers.length === 0 ? [] : [`Triggers are not imported: ${triggers.join(', ')}.`]),
  ];
}

/** Only what differs from the defaults. */
function toRule(channel: XanoChannel): Record<string, unknown> {
  return {
    target: channel.pattern,
    ...(channel.nested && { nested: true }),
    ...(!channel.enabled && { enabled: false }),
    ...(channel.description !== '' && { description: channel.description }),
    ...(channel.anonymous && { anonymousClients: true }),
    ...(channel.presence && { presence: true }),
    ...messaging('publicMessaging', channel.publicMessaging, channel.publicAuthOnly),
    ...(channel.authenticated && { authenticatedMessaging: true }),
    ...messaging('privateMessaging', channel.privateMessaging, channel.privateAuthOnly),
    ...(channel.history > 0 && { history: channel.history }),
  };
}

/** A sub-switch whose parent is off is kept: it counts again when the parent is switched on. */
function messaging(name: string, on: boolean, authenticatedOnly: boolean): Record<string, unknown> {
  if (!authenticatedOnly) return on ? { [name]: true } : {};
  return { [name]: on ? { authenticatedOnly: true } : { enabled: false, authenticatedOnly: true } };
}

function remarks(channel: XanoChannel): string[] {
  const found: string[] = [];
  if (channel.anonymous && channel.authenticated && !channel.publicMessaging) {
    found.push(
      'anonymous clients may join, see the roster if presence is on, and receive nothing; switch anonymousClients off if that is not meant.',
    );
  }
  if (channel.history > 1_000) found.push(`keeps ${channel.history} messages: raise the app's history.max.`);
  if (channel.unknown.length > 0) found.push(`not understood: ${channel.unknown.join(', ')}.`);
  return found;
}
