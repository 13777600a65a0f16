import type { Producer, SASLOptions } from 'kafkajs';
import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { KafkaTarget } from '../spec.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

/** Produces to Kafka: done when all in-sync replicas have it. Records of one channel have one key, and so one partition. */
export class KafkaSender implements Sender {
  readonly #target: KafkaTarget;
  readonly #connection: Connection<Producer>;

  constructor(target: KafkaTarget, reach: Reach) {
    this.#target = target;
    this.#connection = new Connection(
      () => connect(target, reach),
      (producer) => producer.disconnect(),
    );
  }

  async send({ id, contentType, body, items }: Parcel): Promise<Sent> {
    const producer = await this.#connection.get();
    const { topic, key = items[0]?.event.channel ?? null } = this.#target;
    try {
      const headers = { id, 'content-type': contentType };
      await producer.send({ topic, acks: -1, messages: [{ key, value: body, headers }] });
      return SENT;
    } catch (error) {
      this.#connection.lost(producer);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function connect(target: KafkaTarget, reach: Reach): Promise<Producer> {
  const { Kafka, logLevel } = await loadClient('kafkajs', () => import('kafkajs').then((loaded) => loaded.default));
  const { brokers, tls, sasl, user = '', password = '' } = target;
  for (const broker of brokers) await reach(broker.slice(0, broker.lastIndexOf(':')));
  const kafka = new Kafka({
    clientId: 'portcullis',
    brokers: [...brokers],
    ssl: tls,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5_000,
    // The lane tries again.
    retry: { retries: 0 },
    ...(sasl === undefined ? {} : { sasl: { mechanism: sasl, username: user, password } as SASLOptions }),
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  return producer;
}
