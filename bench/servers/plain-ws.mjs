// The loop everyone writes first: a `ws` server that sends each message to each client. Prints its port.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (client) => {
  client.on('message', (data) => {
    const { action } = JSON.parse(data);
    if (action !== 'message') return;
    const text = data.toString();
    for (const receiver of server.clients) receiver.send(text);
  });
});
server.on('listening', () => console.log(server.address().port));
