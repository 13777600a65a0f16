import type { AccessRequest, Operation } from '@portcullis/policy';
import { standingOf } from './addressing.ts';
import type { Core } from './core.ts';
import type { Message } from './publish.ts';
import type { Publisher } from './publisher.ts';

/** What is asked of `decide()` before a message is given its place. */
export function requestOf(core: Core, publisher: Publisher, message: Message): AccessRequest {
  const { channel: name, target } = message;
  return {
    operation: operationOf(message),
    principal: publisher.principal,
    now: core.clock.now(),
    name,
    session: publisher.id,
    ...(publisher.subs ? { joined: publisher.subs.has(name) } : {}),
    target,
    ...(target.to === 'session' || target.to === 'user' ? { peer: standingOf(publisher, name, target) } : {}),
  };
}

function operationOf({ kind, fire }: Message): Operation {
  if (kind === 'file') return 'files.send';
  if (kind === 'signal') return 'signal';
  return fire ? 'fire' : 'publish';
}
