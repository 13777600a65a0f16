import type { MembershipKey, MembershipRow, ObjectRow } from '@portcullis/engine';
import { parseName } from '@portcullis/policy';
import type { Call, PubNubDeps } from '../http/call.ts';
import { timeText } from './fields.ts';
import type { Kind } from './kinds.ts';

/** Metadata was set, or removed: told on the channel of that name, for users too. */
export function tellObject(call: Call, deps: PubNubDeps, kind: Kind, what: ObjectRow | { readonly id: string }) {
  const content = 'fields' in what ? { id: what.id, ...described(what) } : { id: what.id };
  return tell(call, deps, [what.id], { event: 'fields' in what ? 'set' : 'delete', type: kind.wire, data: content });
}

/** A membership was set, or removed: told on the channel and on the channel named like the user. */
export function tellMembership(call: Call, deps: PubNubDeps, what: MembershipRow, event: 'set' | 'delete') {
  const ids = { channel: { id: what.channel }, uuid: { id: what.user } };
  const data = event === 'set' ? { ...ids, ...described(what) } : ids;
  return tell(call, deps, channelsOf(what), { event, type: 'membership', data });
}

const channelsOf = ({ channel, user }: MembershipKey): readonly string[] => [...new Set([channel, user])];

/** What is unset is not kept, so nothing of it is null. */
const described = ({ fields, updated, etag }: Pick<ObjectRow, 'fields' | 'updated' | 'etag'>) => ({
  ...fields,
  updated: timeText(updated),
  eTag: etag,
});

/** What was written stands, whether it can be told or not. A user whose id can be no channel has nobody listening there. */
async function tell(call: Call, { engine, log }: PubNubDeps, channels: readonly string[], said: object): Promise<void> {
  const { app } = call.app;
  const data = JSON.stringify({ source: 'objects', version: '2.0', ...said });
  try {
    for (const channel of channels) {
      if (!parseName(channel).ok) continue;
      const audience = { to: 'everyone', anonymous: true } as const;
      await engine.announce({ app, channel, kind: 'object', audience, sender: null, data, logged: false });
    }
  } catch (error) {
    log.error('pubnub.object-not-announced', { app, error });
  }
}
