import type { AccessRequest, Denied, Principal } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import type { Publication } from './publication.ts';
import type { PollName } from './stateless-api.ts';

/** Who reads, for the decisions below. */
export interface Reader {
  readonly core: Core;
  readonly app: App;
  readonly principal: Principal;
}

export type NamesDecided =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly denied: Denied;
      readonly request: AccessRequest;
      readonly names: readonly PollName[];
    };

/**
 * Decides every name of a poll. Names listed directly stand or fall together, and the answer lists each that fails;
 * of a group's channels the refused are left out, and a group of which none is left fails.
 */
export function decideNames(reader: Reader, names: readonly PollName[]): NamesDecided {
  const connected = ask(reader, { operation: 'connect', joined: true });
  if (connected.denied) return { ok: false, denied: connected.denied, request: connected.request, names };
  const failed: PollName[] = [];
  let first: { readonly denied: Denied; readonly request: AccessRequest } | undefined;
  for (const name of names) {
    const { denied, request } = decideName(reader, name);
    if (!denied) continue;
    failed.push(name);
    first ??= { denied, request };
  }
  return first ? { ok: false, ...first, names: failed } : { ok: true };
}

interface Asked {
  readonly denied: Denied | undefined;
  readonly request: AccessRequest;
}

function decideName(reader: Reader, { of, name, presence }: PollName): Asked {
  const spelled = presence ? `${name}-pnpres` : name;
  switch (of) {
    case 'channel':
      return ask(reader, { operation: presence ? 'subscribe.presence' : 'subscribe', name: spelled });
    case 'wildcard':
      return ask(reader, { operation: 'subscribe.wildcard', name: spelled });
    case 'group':
      return decideGroup(reader, name, spelled);
  }
}

/** The group itself, then its channels: with none that is admitted there is nothing to listen to. */
function decideGroup(reader: Reader, group: string, spelled: string): Asked {
  const asked = ask(reader, { operation: 'subscribe.group', name: spelled });
  const channels = reader.app.groups.get(group) ?? [];
  if (asked.denied || channels.length === 0) return asked;
  let last = asked;
  for (const channel of channels) {
    last = ask(reader, { operation: 'subscribe.member', name: channel, via: { group } });
    if (!last.denied) return last;
  }
  return last;
}

function ask({ core, app, principal }: Reader, what: Omit<AccessRequest, 'principal' | 'now'>): Asked {
  const request: AccessRequest = { ...what, principal, now: core.clock.now() };
  const decision = app.admissions.subtract(request, core.decide(app, request), 'pass');
  return { denied: decision.allowed ? undefined : decision, request };
}

/** Whether one item is for the reader, as reached through one of its names, under the policy as it stands. */
export function mayRead(reader: Reader, by: PollName, publication: Publication): boolean {
  if (!isAdmitted(reader, publication.channel)) return false;
  const via = by.of === 'channel' ? {} : { via: by.of === 'group' ? { group: by.name } : { wildcard: by.name } };
  if (publication.kind === 'presence') {
    const name = `${publication.channel}-pnpres`;
    const operation = by.of === 'channel' ? 'subscribe.presence' : 'subscribe.member';
    return !ask(reader, { operation, name, ...via }).denied;
  }
  const { channel: name, audience } = publication;
  return !ask(reader, { operation: 'receive', name, audience, joined: true, ...via }).denied;
}

/** Whether no join trigger of the channel stands in the way. */
function isAdmitted({ app, principal }: Reader, channel: string): boolean {
  if (!app.triggers) return true;
  const admission = app.admissions.of(principal, channel, app.policy.compiled.ruleFor(channel));
  return admission === null || (admission !== 'unknown' && admission.pass);
}
