import * as v from 'valibot';
import { choice, count, countOrOff, duration, onOff, size, text } from '../leaf.ts';
import { key, listKey, requiredKey } from '../section.ts';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const MANY = { min: 1, max: 10_000_000 };
const PAGE = { min: 1, max: 10_000 };
const rate = () => countOrOff('per second', MANY);

const presenceEventsSchema = v.object({
  target: requiredKey(
    text('channel or pattern', { max: 255 }),
    'The channel, or with `nested` the channels, as in a rule.',
  ),
  nested: key(onOff(), 'off', 'The target is a pattern.'),
  events: listKey(
    choice(['join', 'leave', 'timeout', 'state-change', 'interval']),
    'What readers of presence are told of there; without any, nothing.',
  ),
});

/** The vendor's limits where there are any. Each refusal names its key as `limit.<name>`. */
export const pubnubSchema = v.object({
  strictNames: key(
    onOff(),
    'off',
    'Channels, groups and user ids only as the vendor allows them: no `:`, `/`, `\\`, spaces. Others do not exist at this door.',
  ),
  nameBytes: key(count('bytes', { min: 1, max: 255 }), 92, 'With `strictNames`: bytes of a name or user id.'),
  maxUrl: key(
    size({ min: 1_024, max: 1_048_576 }),
    '32KiB',
    'Bytes of a request line; at most `server.maxHeader` arrive.',
  ),
  bodyEnvelope: key(
    size({ min: 0, max: 16_777_216 }),
    '32KiB',
    'Bytes that a body, inflated, may have beyond `limits.message`.',
  ),
  signatureWindow: key(
    duration({ min: SECOND, max: DAY }),
    '60s',
    'How far the timestamp of a signed request may be from this server’s clock.',
  ),
  rememberedSignatures: key(
    count('signatures', MANY),
    100_000,
    'Signatures of changes that are remembered for the window, so that none counts twice. With more of them the window is shorter, but never under 5 s.',
  ),
  pollTimeout: key(
    duration({ min: SECOND, max: 3_600 * SECOND }),
    '280s',
    'A poll for which nothing arrives is answered after this. Clients give up after 310s.',
  ),
  pollMessages: key(count('messages', PAGE), 100, 'Messages of one answer to a poll.'),
  channelsPerCall: key(count('channels', MANY), 2_000, 'Channels and groups that one call may name.'),
  groupsPerCall: key(count('groups', MANY), 10, 'Groups that one call may name.'),
  channelsPerGroup: key(count('channels', MANY), 2_000, 'Channels of one group.'),
  wildcardDots: key(
    count('dots', { min: 1, max: 32 }),
    2,
    'Dots of a wildcard’s name: 1 allows `a.*`, 2 also `a.b.*`.',
  ),
  signal: key(size({ min: 1, max: 65_536 }), 64, 'Bytes of a signal’s payload.'),
  resumeMargin: key(
    duration({ min: 0, max: DAY }),
    '5s',
    'How far back a poll goes on from a cursor of another node or process: it may repeat, so that it never skips.',
  ),
  filters: key(onOff(), 'on', 'Stream filters.'),
  filterLength: key(count('characters', { min: 1, max: 65_536 }), 4_096, 'Characters of a stream filter.'),
  filterTerms: key(count('operators', { min: 1, max: 1_024 }), 64, 'Operators of a stream filter.'),
  presenceTimeout: key(
    duration({ min: SECOND, max: DAY }),
    '300s',
    'How long a user stays present on a channel after it was heard of, where its client never said (`heartbeat`).',
  ),
  minPresenceTimeout: key(duration({ min: SECOND, max: DAY }), '3s', 'The least that a heartbeat may ask for.'),
  maxPresenceTimeout: key(duration({ min: SECOND, max: DAY }), '1h', 'The most that a heartbeat may ask for.'),
  presenceInterval: key(
    duration({ min: SECOND, max: DAY }),
    '30s',
    'Above `presence.announceMax` occupants: how often counts are announced.',
  ),
  presenceDeltas: key(onOff(), 'off', 'Whether those announcements list who came and went.'),
  presenceDeltasBytes: key(
    size({ min: 256, max: 1_048_576 }),
    '30KiB',
    'Bytes of those lists beyond which clients are told to ask here-now instead.',
  ),
  presenceEvents: listKey(
    presenceEventsSchema,
    'Which presence events are told on which channels; the first target that matches counts. Left out, all are told everywhere; with a list, nothing elsewhere.',
  ),
  leaveOnDisconnect: key(onOff(), 'off', 'A subscriber whose connection breaks off in a poll leaves.'),
  leaveDebounce: key(
    duration({ min: 0, max: 600 * SECOND }),
    '2s',
    'So long after it, unless the user is heard of again.',
  ),
  hereNowPage: key(count('occupants', MANY), 1_000, 'Occupants of one answer of here-now.'),
  state: key(size({ min: 2, max: 65_536 }), '2KiB', 'Bytes of a user’s state on a channel, as JSON.'),
  keptStates: key(
    count('states', { min: 0, max: 10_000_000 }),
    10_000,
    'States that users set where they are not present: kept for `presenceTimeout`, until they come. Past so many the oldest is forgotten.',
  ),
  historyPage: key(count('messages', PAGE), 100, 'Messages of a page of one channel.'),
  historyPageOfMany: key(count('messages', PAGE), 25, 'Messages of each channel of several, or with reactions.'),
  historyChannelsPerCall: key(count('channels', MANY), 500, 'Channels of one call for history.'),
  reactionsPage: key(count('reactions', PAGE), 100, 'Reactions of a page.'),
  reactionType: key(count('characters', { min: 1, max: 1_000 }), 15, 'Characters of a reaction’s type.'),
  reactionValue: key(count('characters', { min: 1, max: 65_536 }), 1_000, 'Characters of a reaction’s value.'),
  reactionsPerMessage: key(count('reactions', MANY), 10_000, 'Reactions of one message.'),
  rateReactions: key(rate(), 'off', 'Reactions that one user adds or removes per second.'),
  objectsPage: key(count('objects', PAGE), 100, 'Users, channels or memberships of a page.'),
  objectText: key(size({ min: 1, max: 65_536 }), '2KiB', 'Bytes of a text of a user or channel.'),
  objectCustom: key(size({ min: 2, max: 65_536 }), '2KiB', 'Bytes of custom fields, as JSON.'),
  membershipsPerUser: key(count('memberships', MANY), 50_000, 'Memberships of one user.'),
  rateObjects: key(rate(), 'off', 'Changes of metadata and memberships by one user per second.'),
  fileSize: key(size({ min: 1, max: 1_073_741_824 }), '5MiB', 'Bytes of one file.'),
  fileName: key(count('bytes', { min: 1, max: 255 }), 92, 'Bytes of a file’s name.'),
  filesPage: key(count('files', PAGE), 100, 'Files of a page.'),
  filesPerApp: key(count('files', MANY), 100_000, 'Files of the app in all, with upload forms that are given out.'),
  filesBytes: key(size({ min: 1, max: 2 ** 50 }), '10GiB', 'Bytes of all files of the app together.'),
  fileLink: key(
    duration({ min: SECOND, max: 60 * SECOND }),
    '60s',
    'How long an upload form and a download link hold.',
  ),
});
