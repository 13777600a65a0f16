import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (client) => {
  client.on('message', (data) => {
    const text = data.toString();
    for (const receiver of server.clients) receiver.send(text);
  });
});
