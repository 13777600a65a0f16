interface EventRow {
  /** Under which heading the page lists it. */
  readonly source: 'messages' | 'presence' | 'users' | 'channels' | 'memberships' | 'access' | 'automation';
  /** When it is told. */
  readonly says: string;
  /** The fields of `data`, and what each holds. */
  readonly data: Readonly<Record<string, string>>;
  /** The vendor's schema id, for its envelopes; absent: an event of our own. */
  readonly vendor?: string;
}

const row = (source: EventRow['source'], says: string, data: EventRow['data'], vendor?: string): EventRow => ({
  source,
  says,
  data,
  ...(vendor === undefined ? {} : { vendor }),
});

const MESSAGE = {
  message: 'the payload',
  meta: 'what the publisher says beside it, or null',
  timetoken: 'its timetoken',
  position: '`{ epoch, offset }`, or null',
  audience: 'to whom it went',
  customType: 'the publisher’s word for its kind, if any',
};
const MEMBER = {
  session: 'the session',
  occupancy: 'who is there after it, counted by user',
  first: 'join: whether the user was not here before; leave and timeout: whether the user is gone',
};
const OBJECT = { id: 'its id', fields: 'what was written down', etag: 'of the new content' };
const MEMBERSHIP = { user: 'the user', fields: 'what was written down', etag: 'of the new content' };
const REACTION = {
  messageTimetoken: 'the message',
  timetoken: 'the reaction’s own timetoken',
  type: 'its type',
  value: 'its value',
};
const RULE = { rule: 'its id', target: 'what it is about', nested: 'whether that is a pattern' };
const STANDING = { id: 'its id', type: 'of what kind', until: 'ms since 1970, or null', reason: 'why' };

/** Every event that listeners can ask for. One table: the types, `docs/events.md` and the vendor’s envelopes come from it. */
export const EVENT_TYPES = {
  'message.published': row(
    'messages',
    'A message was published.',
    { ...MESSAGE, fire: 'true for one that is delivered to nobody' },
    'messages.pubsub.publish',
  ),
  'signal.sent': row('messages', 'A signal was sent.', MESSAGE, 'messages.pubsub.publish'),
  'file.sent': row('messages', 'A file was sent.', MESSAGE, 'messages.pubsub.publish'),
  'event.sent': row(
    'messages',
    'A server event was sent.',
    { ...MESSAGE, table: 'named by the server, or 0', row: 'named by the server, or 0' },
    'messages.pubsub.publish',
  ),
  'reaction.added': row('messages', 'A reaction was added to a message.', REACTION, 'messages.action.created'),
  'reaction.removed': row('messages', 'A reaction was taken back.', REACTION, 'messages.action.deleted'),

  'presence.joined': row(
    'presence',
    'A session joined a channel.',
    { ...MEMBER, state: 'what it says of itself, if anything' },
    'presence.user.channel.joined',
  ),
  'presence.left': row(
    'presence',
    'A session left a channel, or was taken out of it.',
    MEMBER,
    'presence.user.channel.left',
  ),
  'presence.timed-out': row(
    'presence',
    'A session was not heard of for too long.',
    MEMBER,
    'presence.user.timedout.in.channel',
  ),
  'presence.state-changed': row(
    'presence',
    'An occupant says something else of itself.',
    { ...MEMBER, state: 'what it says' },
    'presence.channel.user.state.in.changed',
  ),
  'presence.counted': row(
    'presence',
    'A crowded channel announced its occupancy.',
    {
      occupancy: 'who is there, counted by user',
      joined: 'user ids since the last count',
      left: 'user ids since the last count',
    },
    'presence.channel.occupancy.counted',
  ),

  'user.created': row('users', 'Metadata of a user was written for the first time.', OBJECT, 'user.created'),
  'user.updated': row('users', 'Metadata of a user was changed.', OBJECT, 'user.updated'),
  'user.deleted': row('users', 'Metadata of a user was removed.', { id: 'its id' }, 'user.deleted'),

  'channel.active': row(
    'channels',
    'Somebody joined a channel that nobody was in.',
    {},
    'presence.channel.state.active',
  ),
  'channel.inactive': row('channels', 'The last one left a channel.', {}, 'presence.channel.state.inactive'),
  'channel.created': row(
    'channels',
    'Metadata of a channel was written for the first time.',
    OBJECT,
    'channel.created',
  ),
  'channel.updated': row('channels', 'Metadata of a channel was changed.', OBJECT, 'channel.updated'),
  'channel.deleted': row('channels', 'Metadata of a channel was removed.', { id: 'its id' }, 'channel.deleted'),

  'membership.created': row('memberships', 'A user became a member of a channel.', MEMBERSHIP, 'membership.created'),
  'membership.updated': row('memberships', 'A membership was changed.', MEMBERSHIP, 'membership.updated'),
  'membership.deleted': row('memberships', 'A membership was removed.', { user: 'the user' }, 'membership.deleted'),

  'access.denied': row(
    'access',
    'A request was refused. At most `limits.deniedEvents` a second, at the door `limits.deniedPerAddress` from one address; the next one says how many were left out.',
    {
      operation: 'what was asked, or null for a limit',
      name: 'what it was asked of, if anything',
      rule: 'the rule that decided, or null',
      message: 'what the client is told',
      address: 'where it came from, of one who was refused at the door',
      missed: 'refusals that were not told since the last one',
    },
  ),
  'grant.created': row('access', 'A permission token was minted.', {
    grant: 'its id, never the token',
    ttl: 'minutes',
    user: 'whom it is bound to, if anybody',
  }),
  'revocation.created': row('access', 'Tokens were revoked.', { ...STANDING, user: 'whose, where it names one' }),
  'revocation.deleted': row('access', 'A revocation was taken back, or ended.', { id: 'its id' }),
  'ban.created': row('access', 'A user was banned, or held off.', {
    ...STANDING,
    user: 'who',
    hold: 'whether it is a hold',
  }),
  'ban.deleted': row('access', 'A ban was lifted, or ended.', { id: 'its id' }),
  'rule.created': row('access', 'A rule was made.', RULE),
  'rule.changed': row('access', 'A rule was replaced.', RULE),
  'rule.deleted': row('access', 'A rule was deleted.', { rule: 'its id' }),
  'group.changed': row('access', 'A channel group was made or changed.', {
    group: 'its name',
    channels: 'its channels',
  }),
  'group.deleted': row('access', 'A channel group was deleted.', { group: 'its name' }),
  'trigger.changed': row('access', 'A trigger was made or replaced.', { trigger: 'its id' }),
  'trigger.deleted': row('access', 'A trigger was deleted.', { trigger: 'its id' }),
  'app.changed': row('access', 'Settings of the app were changed.', {}),

  'trigger.failed': row('automation', 'A step of a trigger failed or came too late.', {
    action: '`join` or `message`',
    step: 'which step',
    reason: 'what went wrong',
    passed: 'whether it went through all the same (`onError: pass`)',
  }),
} as const satisfies Record<string, EventRow>;

export type EventType = keyof typeof EVENT_TYPES;

/** Under one shape, for what reads the table. */
export const eventRow = (type: EventType): EventRow => EVENT_TYPES[type];

export const isEventType = (text: string): text is EventType => Object.hasOwn(EVENT_TYPES, text);
