import { ruleFor, statedUser } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Channel } from './channel.ts';
import type { ChannelInfo, SessionInfo } from './engine-api.ts';
import type { Session } from './session.ts';

/** A session as the live view shows it: nothing secret. */
export function describeSession(session: Session): SessionInfo {
  const { principal } = session;
  return {
    id: session.id,
    door: session.door,
    address: session.address,
    principal: {
      kind: principal.kind,
      user: statedUser(principal) ?? '',
      table: session.self.table,
      row: session.self.row,
    },
    channels: session.subs.channels(),
    connectedAt: session.connectedAt,
    expiresAt: Number.isFinite(session.lease.expiresAt) ? session.lease.expiresAt : null,
    queued: session.outbox.queued,
    away: session.app.away.has(session),
  };
}

export function describeChannel({ policy }: App, channel: Channel): ChannelInfo {
  return {
    channel: channel.name,
    rule: ruleFor(policy, channel.name)?.id ?? null,
    sessions: channel.subs.size,
    occupancy: channel.occupancy,
  };
}
