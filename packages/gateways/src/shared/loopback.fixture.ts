import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Pair {
  /** Our end. */
  readonly near: Socket;
  /** The peer's. It reads only when told to. */
  readonly far: Socket;
  close(): Promise<void>;
}

/** Two ends of one TCP connection over loopback. */
export async function connectedPair(): Promise<Pair> {
  const server: Server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  far.on('error', () => {});
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [[Socket], unknown];
  near.on('error', () => {});
  return {
    near,
    far,
    async close() {
      near.destroy();
      far.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** All that arrives until the connection ends, and how it ended. */
export async function readToEnd(socket: Socket): Promise<{ bytes: Buffer; how: 'closed' | 'reset' }> {
  const parts: Buffer[] = [];
  let how: 'closed' | 'reset' = 'closed';
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => {
    how = 'reset';
  });
  socket.resume();
  await new Promise<void>((resolve) => socket.once('end', resolve).once('close', resolve));
  return { bytes: Buffer.concat(parts), how };
}

/** Lets the event loop and the kernel do what they have to, until the condition holds; fails after two seconds, or `ms`. */
export async function until(condition: () => boolean, what: string, ms = 2_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
