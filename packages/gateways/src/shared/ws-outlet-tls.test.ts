import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { closeFrame, textFrame } from './encode-frame.ts';
import { readToEnd, until } from './loopback.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';
import { WsOutlet } from './ws-outlet.ts';

const key = Buffer.alloc(32, 7);
const CIPHERS = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

/** Both ends of a TLS connection with a shared key: no certificate is needed. */
async function tlsPair(): Promise<{ near: TLSSocket; far: TLSSocket; close(): void }> {
  const server = createServer({ ...CIPHERS, pskCallback: () => key, pskIdentityHint: 'test' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect({
    ...CIPHERS,
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    pskCallback: () => ({ psk: key, identity: 'test' }),
    checkServerIdentity: () => undefined,
  });
  far.on('error', () => {});
  const [near] = (await once(server, 'secureConnection')) as [TLSSocket];
  near.on('error', () => {});
  return {
    near,
    far,
    close: () => {
      near.destroy();
      far.destroy();
      server.close();
    },
  };
}

it('a cut over TLS says the farewell and ends a peer that stays, though TLS has no reset', async () => {
  const { near, far, close } = await tlsPair();
  const clock = new ManualClock();
  const farewell = Buffer.concat([textFrame('bye'), closeFrame(4403)]);
  const outlet = new WsOutlet({
    socket: near,
    clock,
    owner: { farewell: () => farewell, drained: () => {}, stopped: () => {}, closed: () => {} },
  });
  far.pause();
  outlet.end({ code: 'session.kicked', message: 'Out.' });
  await until(() => outlet.buffered() === 0, 'the farewell is sent');
  clock.advance(1_000);
  expect(near.destroyed).toBe(true);
  expect((await readToEnd(far)).bytes).toEqual(farewell);
  close();
});
