import type { MqttClient } from 'mqtt';
import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { MqttTarget } from '../spec.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

/** Publishes to an MQTT 5 broker; with QoS 1 and 2 done when the broker has acknowledged it. */
export class MqttSender implements Sender {
  readonly #target: MqttTarget;
  readonly #connection: Connection<MqttClient>;

  constructor(target: MqttTarget, reach: Reach) {
    this.#target = target;
    this.#connection = new Connection(
      () => connect(target, reach),
      (client) => client.endAsync(true),
    );
  }

  async send({ id, contentType, body }: Parcel): Promise<Sent> {
    const client = await this.#connection.get();
    const { topic, qos, retain } = this.#target;
    if (!client.connected) {
      this.#connection.lost(client);
      throw new Error('the connection was lost');
    }
    try {
      await client.publishAsync(topic, body, { qos, retain, properties: { contentType, userProperties: { id } } });
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

async function connect({ url, user, password }: MqttTarget, reach: Reach): Promise<MqttClient> {
  const { connectAsync } = await loadClient('mqtt', () => import('mqtt'));
  await reach(new URL(url).hostname);
  const client = await connectAsync(
    url,
    {
      protocolVersion: 5,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
    },
    false,
  );
  client.on('error', () => {});
  return client;
}
