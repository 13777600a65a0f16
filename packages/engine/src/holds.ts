import type { Ban } from '@portcullis/policy';
import { statedUser } from '@portcullis/policy';
import type { App } from './app.ts';
import { commit } from './authority.ts';
import type { Core } from './core.ts';
import { sentence } from './core.ts';
import { notify } from './delivery.ts';
import { awaitJoin, endSession } from './ending.ts';
import type { HoldAnswer } from './engine-api.ts';
import { depart } from './membership.ts';
import { endJoins, type Session } from './session.ts';

/** Cuts one connection. Its user, if it has one, is kept from connecting for `hold` ms; other connections stay. */
export async function kick(core: Core, app: App, session: Session, hold: number, reason: string): Promise<HoldAnswer> {
  const user = statedUser(session.principal);
  let sessions = 0;
  const held = await holdOff(core, app, hold, user === undefined ? undefined : { user, reason }, () => {
    // It may have lost its connection meanwhile, or be back on another.
    const kicked = app.sessions.get(session.id);
    if (!kicked) return;
    endSession(core, kicked, 'session.kicked');
    sessions = 1;
  });
  return { ...held, sessions };
}

/** Takes every session of a user off one channel and keeps the user off it for `hold` ms. */
export async function unsubscribe(
  core: Core,
  app: App,
  user: string,
  channel: string,
  hold: number,
  reason: string,
): Promise<HoldAnswer> {
  const before = sessionsIn(app, user, channel);
  let sessions = 0;
  const held = await holdOff(core, app, hold, { user, channel, reason }, () => {
    // Also those that came while it was written.
    const affected = new Set([...before, ...sessionsIn(app, user, channel)]);
    for (const session of affected) takeOff(core, session, channel);
    sessions = affected.size;
  });
  return { ...held, sessions };
}

function sessionsIn(app: App, user: string, channel: string): readonly Session[] {
  return [...app.index.user.of(user)].filter(
    ({ subs, joining }) => subs.get(channel) !== undefined || joining.some((ticket) => ticket.channel === channel),
  );
}

async function holdOff(
  core: Core,
  app: App,
  hold: number,
  subject: Pick<Ban, 'user' | 'channel' | 'reason'> | undefined,
  also: () => void,
): Promise<Omit<HoldAnswer, 'sessions'>> {
  if (hold <= 0 || subject === undefined) {
    return { ...(await commit(core, app, [], { also })), heldUntil: null };
  }
  const until = core.clock.now() + hold;
  const ban: Ban = { ...subject, id: core.takeId(), until, hold: true };
  return { ...(await commit(core, app, [{ type: 'ban.put', ban }], { also })), heldUntil: until };
}

function takeOff(core: Core, session: Session, channel: string): void {
  endJoins(session, channel, 'session.kicked');
  const sub = session.subs.get(channel);
  if (!sub) return;
  depart(core, sub);
  const code = 'session.kicked';
  if (sub.listens)
    notify(core, session, { type: 'lost', channel, code, message: sentence(code), left: true, self: session.self });
  awaitJoin(core, session);
}
