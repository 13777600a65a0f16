import assert from 'node:assert/strict';
import { until } from '../shared/play.mjs';
import { atNativeDoor, atPubNubDoor, atXanoDoor } from './doors.mjs';

const ROOM = 'chatroom/1';
const DOORS = [
  ['Xano', atXanoDoor],
  ['PubNub', atPubNubDoor],
  ['native', atNativeDoor],
];

/**
 * What the example shows, told as it happens. Rejects when it does not hold.
 *
 * @param {{ portcullis: import('../shared/portcullis.mjs').Portcullis, hook: { denied: any[] } }} places
 * @param {(line: string) => void} tell
 */
export async function tellStory({ portcullis, hook }, tell) {
  const enter = async (door, user) => {
    const { token } = await portcullis.admin('/apps/moderated/tokens', { user, ttl: '15m' });
    return door({ url: portcullis.url, token, user });
  };
  const people = [];
  for (const [name, door] of DOORS) {
    const person = await enter(door, name.toLowerCase());
    assert.equal(await person.join(ROOM), null, `${name} joins`);
    people.push(person);
  }
  const moderator = await enter(atNativeDoor, 'moderator');
  assert.equal(await moderator.join('moderators'), null);
  tell('Three people join the room, each by another door: the SDK of Xano, the SDK of PubNub, our own client.');

  for (const [index, [name]] of DOORS.entries()) {
    await people[index].say(ROOM, `Oh darn, says ${name}`);
    await until(() => people.every(({ heard }) => heard.includes(`Oh ****, says ${name}`)), `all hear ${name}, masked`);
  }
  assert.ok(people.every(({ heard }) => !heard.some((text) => text.includes('darn'))));
  tell('Each of them swears. All hear it masked, by whatever door it came and goes.');

  await until(() => moderator.heard.length === DOORS.length, 'the moderators are told');
  tell(`The function told the moderators: “${moderator.heard[0]}”, and twice more.`);

  for (const [name, door] of DOORS) {
    const mallory = await enter(door, 'mallory');
    const refused = await mallory.join(ROOM);
    assert.equal(refused?.code, 'trigger.blocked', `${name}: ${JSON.stringify(refused)}`);
    people.push(mallory);
    tell(`Mallory is banned, and joins by the door of ${name}: refused with ${refused.code}.`);
  }
  const told = () => hook.denied.map(seen).filter(({ code, user }) => code === 'trigger.blocked' && user === 'mallory');
  await until(() => told().length >= DOORS.length, 'the denied attempts are posted');
  tell(`The action posted each of these attempts to the moderators’ endpoint, signed: ${JSON.stringify(told()[0])}`);
  return [...people, moderator];
}

/** What an event says of a denied attempt. */
const seen = ({ code, channel, principal }) => ({ code, channel, user: principal.user });
