import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { AmqpTarget } from '../spec.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { failed, SENT, type Sender, type Sent } from './sender.ts';

interface Client {
  readonly model: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Messages that came back because no queue takes them, by their id. */
  readonly returned: Set<string>;
}

/** Publishes to AMQP 0-9-1, with the broker's confirmation. What no queue takes has failed. */
export class AmqpSender implements Sender {
  readonly #target: AmqpTarget;
  readonly #connection: Connection<Client>;

  constructor(target: AmqpTarget, reach: Reach) {
    this.#target = target;
    this.#connection = new Connection(
      () => connect(target.url, reach, (client) => this.#connection.lost(client)),
      ({ model }) => model.close(),
    );
  }

  async send({ id, contentType, body }: Parcel): Promise<Sent> {
    const client = await this.#connection.get();
    const { exchange, routingKey, persistent, ttl } = this.#target;
    const options = {
      messageId: id,
      contentType,
      persistent,
      mandatory: true,
      ...(ttl === undefined ? {} : { expiration: ttl }),
    };
    try {
      await new Promise<void>((done, fail) => {
        client.channel.publish(exchange, routingKey, Buffer.from(body), options, (error: unknown) =>
          error ? fail(error instanceof Error ? error : new Error('the broker did not take it')) : done(),
        );
      });
    } catch (error) {
      this.#connection.lost(client);
      throw error;
    }
    return client.returned.delete(id) ? failed('no queue takes it: nothing is bound to the routing key') : SENT;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function connect(url: string, reach: Reach, onLost: (client: Client) => void): Promise<Client> {
  const { connect } = await loadClient('amqplib', () => import('amqplib'));
  await reach(new URL(url).hostname);
  const model = await connect(url, { timeout: 5_000 });
  model.on('error', () => {});
  const channel = await model.createConfirmChannel();
  const client = { model, channel, returned: new Set<string>() };
  channel.on('error', () => {});
  channel.on('return', ({ properties }) => client.returned.add(String(properties.messageId)));
  channel.on('close', () => onLost(client));
  model.on('close', () => onLost(client));
  return client;
}
