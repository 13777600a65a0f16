import * as v from 'valibot';
import { count, leaf, onOff, readSwitch, text } from '../leaf.ts';
import { key, requiredKey, shortOr } from '../section.ts';

const ON_OFF = 'switch, `{ authenticatedOnly: true }` or `{ enabled: false, authenticatedOnly: true }`';

const plainSwitch = leaf(ON_OFF, (input) => {
  const enabled = readSwitch(input);
  if (enabled !== undefined) return { value: { enabled, authenticatedOnly: false } };
  return { fault: 'expected on, off or { authenticatedOnly: true }' };
});

const longSwitch = v.object({
  enabled: key(onOff(), 'on', 'The switch itself, where the long form is used.'),
  authenticatedOnly: key(onOff(), 'off', 'Only for authenticated clients.'),
});

const messagingSwitch = shortOr(plainSwitch, longSwitch, { shape: ON_OFF, standsFor: 'enabled' });

/** A channel rule as it is written: in the file, in a request's body, in the console. */
export const channelSchema = v.object({
  target: requiredKey(
    text('channel or pattern', { max: 255 }),
    'The channel it is about, or with `nested` all that match: a final `*` is one or more characters, an inner one stops at `/`.',
  ),
  nested: key(onOff(), 'off', 'The target is a pattern.'),
  enabled: key(onOff(), 'on', 'A disabled rule does not exist.'),
  description: key(text('text', { min: 0, max: 1_000 }), '', 'For people.'),
  anonymousClients: key(onOff(), 'off', 'Clients without a proven identity may join.'),
  presence: key(onOff(), 'off', 'Joined clients may see who is here.'),
  publicMessaging: key(messagingSwitch, 'off', 'Joined clients may send to everyone.'),
  authenticatedMessaging: key(onOff(), 'off', 'Authenticated clients may send to the authenticated.'),
  privateMessaging: key(messagingSwitch, 'off', 'Joined clients may send to one another.'),
  history: key(
    count('messages', { min: 0, max: 1_000_000 }),
    0,
    'How many of the newest messages are kept for those who may join; at most the app’s `history.max`.',
  ),
});
