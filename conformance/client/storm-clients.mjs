// Many clients of the SDK in one process: told by messages what to do, telling by messages how they fare.
import { connect } from '@portcullis/client';
import { WebSocket } from 'ws';

const [url, key, channel, count] = process.argv.slice(2);
const clients = Array.from({ length: Number(count) }, () => {
  const client = connect({ url, key, WebSocket });
  const room = client.channel(channel);
  const person = { client, room, heard: [], gaps: 0, over: false };
  room.on('message', ({ data }) => person.heard.push(data));
  room.on('gap', () => {
    person.gaps += 1;
  });
  client.on('state', ({ state }) => {
    if (state === 'closed') person.over = true;
  });
  return person;
});

// So many at a time: this is no test of how quickly sockets open.
for (let first = 0; first < clients.length; first += 100) {
  await Promise.all(clients.slice(first, first + 100).map(({ room }) => room.join()));
}
process.send?.({ ready: clients.length });

process.on('message', ({ upTo }) => {
  const whole = Array.from({ length: upTo }, (_, index) => index + 1).join();
  process.send?.({
    joined: clients.filter(({ room }) => room.state === 'joined').length,
    whole: clients.filter(({ heard }) => heard.join() === whole).length,
    gaps: clients.filter(({ gaps }) => gaps > 0).length,
    over: clients.filter(({ over }) => over).length,
  });
});
process.on('disconnect', () => process.exit(0));
