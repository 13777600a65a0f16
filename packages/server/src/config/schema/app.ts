import * as v from 'valibot';
import { count, duration, durationOrOff, onOff, size, text } from '../leaf.ts';
import { key, listKey, optionalKey, requiredKey, sectionKey } from '../section.ts';
import { accessSchema, featuresSchema } from './access.ts';
import { listenerSchema } from './actions.ts';
import { channelSchema } from './channel.ts';
import { APP_ID, KEY, SECRET } from './forms.ts';
import { identitySchema } from './identity.ts';
import { limitsSchema } from './limits.ts';
import { pubnubSchema } from './pubnub.ts';
import { functionsSchema, triggerSchema } from './triggers.ts';

const keys = v.object({
  publish: optionalKey(text('key', KEY), 'Publish key.'),
  subscribe: optionalKey(text('key', KEY), 'Subscribe key: names the app on the PubNub and native doors.'),
  secret: optionalKey(text('secret', SECRET), 'Signs grants and server requests.'),
  previousSecret: optionalKey(
    text('secret', SECRET),
    'The secret before a rotation: grants signed with it stay valid until they expire; requests are refused.',
  ),
});

const history = v.object({
  max: key(count('messages', { min: 0, max: 1_000_000 }), 1_000, 'The most messages a rule may keep.'),
  default: optionalKey(
    count('messages', { min: 0, max: 1_000_000 }),
    'With the channel gate off: how many messages every channel keeps.',
    'the same as `max`',
  ),
  retention: optionalKey(
    durationOrOff({ min: 60_000, max: 315_360_000_000 }),
    'For how long messages are kept whose publisher gives no `ttl`.',
    '`off`: by number alone; with the channel gate off `7d`',
  ),
});

const presence = v.object({
  announceMax: key(
    count('occupants', { min: 0, max: 100_000 }),
    20,
    'Above this, PubNub and native clients get counts and deltas at intervals instead of each join and leave.',
  ),
  grace: key(
    duration({ min: 0, max: 600_000 }),
    '0',
    'A native client that loses its connection and is back within this did not leave: nobody is told, and its session id stays. `0`: off.',
  ),
  rosterMax: key(count('occupants', { min: 1, max: 100_000 }), 1_000, 'Roster entries sent at once.'),
});

const replay = v.object({
  messages: key(count('messages', { min: 1, max: 100_000 }), 1_000, 'Newest messages of a channel.'),
  age: key(duration({ min: 1_000, max: 86_400_000 }), '20m', 'How long each of them.'),
  memory: key(
    size({ min: 65_536, max: 68_719_476_736 }),
    '256MiB',
    'What all channels of the app together take, about. Channels that were silent longest are forgotten first; who comes back to one is told of a gap.',
  ),
  keys: key(
    count('keys', { min: 1, max: 10_000_000 }),
    100_000,
    'Keys of publishes that are remembered, each for `age`: what is said again under one is not published again. The oldest go first.',
  ),
});

const settings = {
  id: requiredKey(text('name', APP_ID), 'Unique; part of every path and environment variable of the app.'),
  enabled: key(onOff(), 'on', 'A disabled app refuses everybody with `app.disabled`.'),
  keys: sectionKey(keys, 'Keys of PubNub and native clients and of backends. Unique over all apps.'),
  connectionHash: optionalKey(
    text('key', KEY),
    'For clients of the Xano SDK: the last part of `/rt/<connectionHash>`. Unique over all apps.',
  ),
  access: sectionKey(accessSchema, 'Which gates are shut.'),
  features: sectionKey(featuresSchema, 'Which parts of the product the app offers; `server` means to servers only.'),
  identity: sectionKey(identitySchema, 'How clients prove who they are.'),
  limits: sectionKey(limitsSchema, 'Bounds. Going over one is refused with `limit.<name>`.'),
  history: sectionKey(history, 'Stored messages.'),
  historyWiden: key(onOff(), 'off', 'A later rule may show older messages to more people than they were published to.'),
  tokenGrace: key(
    duration({ min: 0, max: 600_000 }),
    '30s',
    'How long a native connection is kept for a new token after its token expired or was revoked.',
  ),
  presence: sectionKey(presence, 'Who is here.'),
  replay: sectionKey(replay, 'What readers that poll or come back can catch up with, beside what is stored.'),
  functions: sectionKey(functionsSchema, 'Trigger functions of the app.'),
  pubnub: sectionKey(pubnubSchema, 'Clients of the PubNub SDKs. Going over a limit is refused with `limit.<name>`.'),
};

/** An app in the file: its settings and its rules. */
export const appSchema = v.object({
  ...settings,
  channels: listKey(channelSchema, 'Rules. Their ids are 1, 2, 3 … by position.'),
  triggers: listKey(triggerSchema, 'What runs before joins and messages take effect. Ids by position, too.'),
  actions: listKey(listenerSchema, 'What is done after events: who listens to which, and what is done with them.'),
});

/** An app made through the management API: its rules and triggers are kept one by one. */
export const appSettingsSchema = v.object(settings);
