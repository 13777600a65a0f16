import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { SqsTarget } from '../spec.ts';
import { awsOptions } from './aws.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

type Sqs = typeof import('@aws-sdk/client-sqs');
interface Client {
  readonly client: InstanceType<Sqs['SQSClient']>;
  readonly command: Sqs['SendMessageCommand'];
}

/** Sends to a standard queue of Amazon SQS. */
export class SqsSender implements Sender {
  readonly #target: SqsTarget;
  readonly #connection: Connection<Client>;

  constructor(target: SqsTarget, reach: Reach, externalId: string) {
    this.#target = target;
    this.#connection = new Connection(
      async () => {
        const sqs = await loadClient('@aws-sdk/client-sqs', () => import('@aws-sdk/client-sqs'));
        const client = new sqs.SQSClient(await awsOptions(target, reach, externalId));
        return { client, command: sqs.SendMessageCommand };
      },
      async ({ client }) => client.destroy(),
    );
  }

  async send({ id, contentType, body }: Parcel, abortSignal: AbortSignal): Promise<Sent> {
    const { client, command } = await this.#connection.get();
    const text = (value: string) => ({ DataType: 'String', StringValue: value });
    await client.send(
      new command({
        QueueUrl: this.#target.queueUrl,
        MessageBody: body,
        MessageAttributes: { id: text(id), 'content-type': text(contentType) },
      }),
      { abortSignal },
    );
    return SENT;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
