import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { KinesisTarget } from '../spec.ts';
import { awsOptions } from './aws.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

type Kinesis = typeof import('@aws-sdk/client-kinesis');
interface Client {
  readonly client: InstanceType<Kinesis['KinesisClient']>;
  readonly command: Kinesis['PutRecordCommand'];
}

/** Puts records to a stream of Amazon Kinesis. Those of one channel go to one shard. */
export class KinesisSender implements Sender {
  readonly #target: KinesisTarget;
  readonly #connection: Connection<Client>;

  constructor(target: KinesisTarget, reach: Reach, externalId: string) {
    this.#target = target;
    this.#connection = new Connection(
      async () => {
        const kinesis = await loadClient('@aws-sdk/client-kinesis', () => import('@aws-sdk/client-kinesis'));
        const options = await awsOptions(target, reach, externalId);
        const client = new kinesis.KinesisClient({ ...options, ...(await plainHttp(target)) });
        return { client, command: kinesis.PutRecordCommand };
      },
      async ({ client }) => client.destroy(),
    );
  }

  async send({ body, items }: Parcel, abortSignal: AbortSignal): Promise<Sent> {
    const { client, command } = await this.#connection.get();
    const { stream, partitionKey } = this.#target;
    const key = partitionKey ?? (items[0]?.event.channel || 'portcullis');
    const record = new command({ StreamName: stream, PartitionKey: key.slice(0, 256), Data: Buffer.from(body) });
    await client.send(record, { abortSignal });
    return SENT;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** The service speaks HTTP/2, and so does its client; stand-ins without TLS speak HTTP/1. */
async function plainHttp({ endpoint }: KinesisTarget) {
  if (!endpoint?.startsWith('http:')) return {};
  const { NodeHttpHandler } = await loadClient('@smithy/node-http-handler', () => import('@smithy/node-http-handler'));
  return { requestHandler: new NodeHttpHandler() };
}
