import assert from 'node:assert/strict';
import { connect } from '@portcullis/client';
import { WebSocket } from 'ws';
import { until } from '../shared/play.mjs';

/**
 * What the example shows, told as it happens. Rejects when it does not hold.
 *
 * @param {{ site: string, portcullis: import('../shared/portcullis.mjs').Portcullis }} places
 * @param {(line: string) => void} tell
 */
export async function tellStory({ site, portcullis }, tell) {
  for (const path of ['/', '/chat.js', '/chat.css', '/portcullis.min.js']) {
    const { status } = await fetch(site + path);
    assert.equal(status, 200, `${path} was answered with ${status}`);
  }
  const [ada, bo, guest] = [await somebody(site, 'Ada'), await somebody(site, 'Bo'), await somebody(site, '')];
  tell('Ada and Bo come into the room with tokens, a guest without.');

  await ada.room.publish({ text: 'Good morning!' });
  await until(() => [ada, bo, guest].every(({ heard }) => heard.includes('Good morning!')), 'all hear Ada');
  tell('Ada says good morning; all three hear it.');

  const refused = await guest.room.publish({ text: 'Me too!' }).catch((error) => error);
  assert.equal(refused.code, 'channel.public-messaging-authenticated-only');
  tell(`The guest answers: refused with ${refused.code}. The fix: ${refused.fix}`);

  await bo.room.setState({ typing: true });
  await until(() => ada.room.members.some(({ state }) => state?.typing === true), 'Ada sees that Bo types');
  await bo.room.publish({ text: 'Only for you.' }, { to: { user: 'ada' } });
  await until(() => ada.heard.includes('Only for you.'), 'Ada hears Bo');
  assert.equal(guest.heard.includes('Only for you.'), false);
  tell('Ada sees Bo typing, and gets a message that nobody else gets.');

  await portcullis.admin('/apps/chat/bans', { user: 'bo', channel: 'room/rehearsal', reason: 'the story' });
  await until(() => bo.room.state === 'lost', 'Bo is told');
  assert.equal(bo.room.error.code, 'identity.banned');
  assert.equal(bo.client.state, 'connected');
  tell(`Bo is banned from the room and told at once: ${bo.room.error.code}. His connection stays.`);

  const late = await somebody(site, 'Cy');
  await until(() => late.heard.length > 0, 'Cy hears what was said');
  assert.deepEqual(late.heard, ['Good morning!']);
  tell('Cy comes late, and reads what was said to all.');
  for (const { client } of [ada, bo, guest, late]) client.close();
}

/** Somebody with the chat open; in a page, `page/chat.js` does the same. */
async function somebody(site, name) {
  const enter = async () => {
    const answer = await fetch(`${site}/token`, { method: 'POST', body: JSON.stringify({ name }) });
    return answer.json();
  };
  const { url, key } = await enter();
  const client = connect({ url, key, getToken: async () => (await enter()).token, WebSocket });
  const room = client.channel('room/rehearsal');
  const heard = [];
  room.on('message', ({ data }) => heard.push(data.text));
  await room.join({ presence: true, history: 50 });
  return { client, room, heard };
}
