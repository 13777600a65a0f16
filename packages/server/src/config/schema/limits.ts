import * as v from 'valibot';
import { count, countOrOff, duration, size } from '../leaf.ts';
import { key } from '../section.ts';
import { LIMITS_OF_ACTIONS } from './actions.ts';

const MANY = { min: 1, max: 10_000_000 };
const rate = () => countOrOff('per second', MANY);

/** Each refusal names its key as `limit.<name>`. */
export const limitsSchema = v.object({
  message: key(size({ min: 64, max: 16_777_216 }), '32KiB', 'Bytes of one message as JSON.'),
  messageDepth: key(count('levels', { min: 1, max: 512 }), 32, 'Levels of nesting in a message.'),
  triggerHops: key(
    count('hops', { min: 0, max: 10 }),
    3,
    'How often in a row what triggers publish may set off triggers.',
  ),
  channelName: key(count('bytes', { min: 1, max: 255 }), 255, 'Bytes of a channel name.'),
  channelsPerConnection: key(count('channels', MANY), 2_000, 'Channels that one connection may be in.'),
  sendBuffer: key(
    size({ min: 4_096, max: 1_073_741_824 }),
    '1MiB',
    'What a connection may owe beyond the current turn before it is cut as too slow.',
  ),
  inSocket: key(size({ min: 1_024, max: 16_777_216 }), '64KiB', 'What is handed to a socket until it drains.'),
  joinTimeout: key(duration({ min: 100, max: 86_400_000 }), '30s', 'A connection in no channel for so long is closed.'),
  beforeJoin: key(
    size({ min: 1_024, max: 16_777_216 }),
    '64KiB',
    'What a connection may send before it has joined its first channel; each frame counts 64 bytes more than it has.',
  ),
  frameBeforeJoin: key(
    size({ min: 4_096, max: 16_777_216 }),
    '4KiB',
    'Bytes of one frame before a connection has joined its first channel; a larger one is refused unread. A native `connect` may be as large as its token, and any join fits.',
  ),
  frame: key(
    size({ min: 1_024, max: 67_108_864 }),
    '64KiB',
    'Bytes of one frame of a native client; a single message with all that goes with it always fits.',
  ),
  commandsPerFrame: key(count('messages', { min: 1, max: 100_000 }), 500, 'Messages in one frame of a native client.'),
  channelsPerStream: key(count('channels', { min: 1, max: 1_000 }), 100, 'Channels of one event stream.'),
  meta: key(size({ min: 0, max: 1_048_576 }), '2KiB', 'Bytes of what is said beside a payload, as JSON.'),
  extras: key(size({ min: 0, max: 65_536 }), '2KiB', 'Bytes of a token’s extras as JSON.'),
  token: key(size({ min: 1_024, max: 1_048_576 }), '64KiB', 'Bytes of one token as text.'),
  userId: key(count('bytes', { min: 1, max: 255 }), 255, 'Bytes of a user id.'),
  verifiedTokens: key(
    count('tokens', MANY),
    10_000,
    'Verified tokens that are remembered, so that the next use of one is quick.',
  ),
  pendingCommands: key(count('commands', MANY), 64, 'Commands of one connection that may wait for an answer.'),
  connections: key(countOrOff('connections', MANY), 'off', 'Connections of the app at once.'),
  historyChannels: key(countOrOff('channels', MANY), 100_000, 'Channels of the app that keep history.'),
  ...LIMITS_OF_ACTIONS,
  ratePerAddress: key(rate(), 'off', 'Connection attempts and requests of one address per second.'),
  ratePerConnection: key(rate(), 'off', 'Messages of one connection per second.'),
  ratePerUser: key(rate(), 'off', 'Messages of one user per second.'),
  ratePerChannel: key(rate(), 'off', 'Messages in one channel per second.'),
  ratePerApp: key(rate(), 'off', 'Messages in the app per second.'),
});
