import type { AccessRequest, Operation } from '@portcullis/policy';
import { standingOf } from './addressing.ts';
import type { Core } from './core.ts';
import type { Message } from './publish.ts';
import type { Publisher } from './publisher.ts';

/** What is asked of `decide()` before a message is given its place. */
export function requestOf(core: Core, publisher: Publisher, message: Message): AccessRequest {
  const { channel: name, target } = message;
  const { principal, id: session, subs } = publisher;
  const operation = operationOf(message);
  const now = core.clock.now();
  if (target.to === 'session' || target.to === 'user') {
    const peer = standingOf(publisher, name, target);
    const asked = { operation, principal, now, name, session, target, peer };
    return subs === null ? asked : { ...asked, joined: subs.has(name) };
  }
  // Written out: this is made for every message.
  if (subs === null) return { operation, principal, now, name, session, target };
  return { operation, principal, now, name, session, target, joined: subs.has(name) };
}

function operationOf({ kind, fire }: Message): Operation {
  if (kind === 'file') return 'files.send';
  if (kind === 'signal') return 'signal';
  return fire ? 'fire' : 'publish';
}
