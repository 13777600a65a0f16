import assert from 'node:assert/strict';
import { Person } from './person.mjs';

/**
 * What the example shows, told as it happens. Rejects when it does not hold.
 *
 * @param {{ backend: string, portcullis: string }} places
 * @param {(line: string) => void} tell
 */
export async function playStory(places, tell) {
  const [ada, bo, mallory] = ['ada', 'bo', 'mallory'].map((name) => new Person(name, places));
  await ada.signIn('correct horse');
  await bo.signIn('battery staple');
  await mallory.signIn('opensesame');
  tell('Ada, Bo and Mallory sign in at the backend.');

  const { channel } = await ada.ask('conversations', { with: 'bo' });
  const { channel: other } = await mallory.ask('conversations', { with: 'bo' });
  tell(`Ada opens a conversation with Bo: ${channel}. Mallory opens one with Bo as well: ${other}.`);

  await ada.connect();
  await bo.connect();
  await mallory.connect();
  const [adas, bos, bosOther, mallorys] = [
    await ada.join(channel),
    await bo.join(channel),
    await bo.join(other),
    await mallory.join(other),
  ];
  for (const joined of [adas, bos, bosOther, mallorys]) assert.ok(joined.ok, `${joined.code}: ${joined.message}`);
  tell('Each connects with a token that carries a grant on their own conversations, and joins them.');

  adas.says({ text: 'Supper at eight?' });
  const heard = await bo.hearsText('Supper at eight?');
  assert.equal(heard.client.extras.name, 'ada');
  bos.says({ text: 'With pleasure.' });
  await ada.hearsText('With pleasure.');
  tell('Ada and Bo talk. Who spoke comes from the token, not from the message.');

  const refused = await mallory.join(channel);
  assert.equal(refused.ok, false);
  assert.equal(refused.code, 'grant.not-covered');
  tell(`Mallory knows the name and joins: refused with ${refused.code}, “${refused.message}”`);

  await ada.ask('leave', { channel, member: 'bo' });
  const goodbye = await bo.hears(({ action, options }) => action === 'error' && options.channel === channel);
  assert.equal(goodbye.payload.code, 'identity.held-off');
  tell(`Ada has Bo taken off. Bo is told: ${goodbye.payload.code}, “${goodbye.payload.message}”`);

  adas.says({ text: 'He is gone.' });
  await ada.hearsText('He is gone.');
  mallorys.says({ text: 'Are you still there?' });
  await bo.hearsText('Are you still there?');
  assert.equal(bo.hasHeard('He is gone.'), false);
  tell('Ada goes on talking. Bo, still connected, hears Mallory and nothing of Ada.');

  const again = await bo.join(channel);
  assert.equal(again.code, 'identity.held-off');
  tell('Bo joins again with the token that let him in before: still refused.');
}
