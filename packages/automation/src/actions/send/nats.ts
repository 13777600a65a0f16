import type { JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { NatsTarget } from '../spec.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

interface Client {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient | null;
  readonly headers: (
    id: string,
    contentType: string,
  ) => ReturnType<typeof import('@nats-io/transport-node')['headers']>;
}

/** Publishes to NATS: done when the server has read it, with JetStream when it is stored. `Nats-Msg-Id` is the parcel's id. */
export class NatsSender implements Sender {
  readonly #target: NatsTarget;
  readonly #connection: Connection<Client>;

  constructor(target: NatsTarget, reach: Reach) {
    this.#target = target;
    this.#connection = new Connection(
      () => connect(target, reach),
      ({ connection }) => connection.close(),
    );
  }

  async send({ id, contentType, body }: Parcel): Promise<Sent> {
    const client = await this.#connection.get();
    const { subject } = this.#target;
    const headers = client.headers(id, contentType);
    try {
      if (client.jetstream) await client.jetstream.publish(subject, body, { headers });
      else {
        client.connection.publish(subject, body, { headers });
        await client.connection.flush();
      }
      return SENT;
    } catch (error) {
      this.#connection.lost(client);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function connect({ url, jetstream, user, password, token }: NatsTarget, reach: Reach): Promise<Client> {
  const nats = await loadClient('@nats-io/transport-node', () => import('@nats-io/transport-node'));
  const { hostname, port } = new URL(url);
  await reach(hostname);
  const connection = await nats.connect({
    servers: `${hostname}:${port || 4222}`,
    reconnect: false,
    timeout: 5_000,
    name: 'portcullis',
    ...(url.startsWith('tls:') ? { tls: {} } : {}),
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    ...(token === undefined ? {} : { token }),
  });
  return {
    connection,
    jetstream: jetstream ? await streamClient(connection) : null,
    headers: (id, contentType) => {
      const headers = nats.headers();
      headers.set('Nats-Msg-Id', id);
      headers.set('Content-Type', contentType);
      return headers;
    },
  };
}

async function streamClient(connection: NatsConnection): Promise<JetStreamClient> {
  const { jetstream } = await loadClient('@nats-io/jetstream', () => import('@nats-io/jetstream'));
  return jetstream(connection);
}
