import * as v from 'valibot';
import { choice, onOff, onOffOr } from '../leaf.ts';
import { key, optionalKey, shortOr } from '../section.ts';

const gates = v.object({
  rules: optionalKey(onOff(), 'The channel gate: what this kind of client may do here.', 'on for an app with a hash'),
  grants: optionalKey(onOff(), 'The bearer gate: what this token allows.', 'on for an app with a secret key'),
  patternMatch: key(
    choice(['full', 'search']),
    'full',
    'A grant’s pattern has to match the whole name, or (`search`) any part of it.',
  ),
  unboundTokens: key(
    choice(['stated', 'authenticated']),
    'stated',
    'What the bearer of a token that names no user counts as at the channel gate.',
  ),
  groupAdd: key(
    choice(['covered', 'vendor']),
    'covered',
    'Adding a channel to a group needs read on that channel too; `vendor` does without.',
  ),
  explainToClients: optionalKey(
    choice(['short', 'full']),
    'Whether refused clients see the exact code, or `channel.not-available` for whatever they may not know about.',
    '`full` on a loopback host, otherwise `short`',
  ),
});

/** `open` is the only way to have both gates off. */
export const accessSchema = shortOr(choice(['open']), gates, { shape: '`open`, or a section' });

const feature = (doc: string) => key(onOff(), 'on', doc);
const forServers = (doc: string) => key(onOffOr('server'), 'server', doc);

export const featuresSchema = v.object({
  presence: feature('Who is here.'),
  history: feature('Stored messages.'),
  deleteHistory: feature('Deleting stored messages.'),
  groups: feature('Channel groups.'),
  appContext: feature('Metadata of users and channels, memberships.'),
  files: feature('Files.'),
  reactions: feature('Message reactions.'),
  signals: feature('Signals.'),
  wildcards: feature('Subscribing to `name.*`.'),
  revoke: feature('Revoking tokens through the PubNub door.'),
  globalHereNow: forServers('Who is here, over all channels.'),
  listAll: forServers('Listing all users and channels.'),
});
