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
  for (const path of ['/', '/board.js', '/board.css', '/portcullis.min.js']) {
    const { status } = await fetch(site + path);
    assert.equal(status, 200, `${path} was answered with ${status}`);
  }
  const ada = await somebody(site, 'Ada');
  const bo = await somebody(site, 'Bo');
  await until(() => ada.pointers.members.length === 2, 'both look at the board');
  tell(`Ada and Bo look at the board: ${ada.pointers.members.map(({ extras }) => extras?.name).join(', ')}.`);

  await ada.pointers.publish({ x: 0.25, y: 0.75 });
  await until(() => bo.seen.length === 1, 'Bo sees where Ada points');
  assert.deepEqual(bo.seen[0], { name: 'Ada', x: 0.25, y: 0.75 });
  tell('Ada points somewhere; Bo sees her pointer there.');

  await bo.notes.publish({ x: 0.5, y: 0.5, text: 'Supper at eight?' });
  await until(() => ada.pinned.length === 1, 'Ada sees the note');
  tell('Bo pins a note; Ada sees it.');

  const crash = portcullis.crash();
  await until(() => ada.client.state !== 'connected', 'Ada notices that the server is gone');
  const meanwhile = ada.notes.publish({ x: 0.1, y: 0.1, text: 'Make it nine.' });
  await crash;
  await meanwhile;
  await until(() => bo.pinned.length === 2, 'Bo sees the note');
  assert.deepEqual(bo.pinned, ['Supper at eight?', 'Make it nine.']);
  assert.deepEqual(ada.pinned, bo.pinned);
  tell(
    'The server crashes while Ada pins another. It waits in her queue; when the server is back, both have it, once.',
  );

  const cy = await somebody(site, 'Cy');
  await until(() => cy.pinned.length === 2, 'Cy sees both notes');
  assert.deepEqual(cy.pinned, bo.pinned);
  tell('Cy comes late and finds both notes on the board.');

  const guest = connect({ url: portcullis.url, key: 'sub-board', WebSocket });
  const refused = await guest
    .channel('notes/main')
    .join()
    .catch((error) => error);
  assert.equal(refused.code, 'channel.anonymous-not-allowed');
  tell(`Somebody without a token is refused with ${refused.code}: ${refused.reason}`);
  for (const client of [ada.client, bo.client, cy.client, guest]) client.close();
}

/** Somebody with the board open; in a page, `page/board.js` does the same. */
async function somebody(site, name) {
  const enter = async () => {
    const answer = await fetch(`${site}/token`, { method: 'POST', body: JSON.stringify({ name }) });
    return answer.json();
  };
  const { url, key } = await enter();
  const getToken = async () => (await enter()).token;
  const client = connect({ url, key, getToken, queue: 50, WebSocket, backoff: { base: 100, max: 1_000 } });
  const [pointers, notes] = [client.channel('pointers/main'), client.channel('notes/main')];
  const person = { client, pointers, notes, seen: [], pinned: [] };
  pointers.on('message', ({ from, data }) => {
    if (from?.session !== client.session) person.seen.push({ name: from?.extras?.name, ...data });
  });
  notes.on('message', ({ data }) => person.pinned.push(data.text));
  await Promise.all([pointers.join({ presence: true }), notes.join({ history: 200 })]);
  return person;
}
