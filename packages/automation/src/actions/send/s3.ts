import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { S3Target } from '../spec.ts';
import { awsOptions } from './aws.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

type S3 = typeof import('@aws-sdk/client-s3');
interface Client {
  readonly client: InstanceType<S3['S3Client']>;
  readonly command: S3['PutObjectCommand'];
}

/** Puts objects to Amazon S3: `<prefix><yyyy>/<mm>/<dd>/<hh>/<id>.json`, the time being the first event's. Tried again, it is the same object. */
export class S3Sender implements Sender {
  readonly #target: S3Target;
  readonly #connection: Connection<Client>;

  constructor(target: S3Target, reach: Reach, externalId: string) {
    this.#target = target;
    this.#connection = new Connection(
      async () => {
        const s3 = await loadClient('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'));
        const options = await awsOptions(target, reach, externalId);
        // Stand-ins and other makers' services rarely have a name of their own for each bucket.
        const client = new s3.S3Client({ ...options, forcePathStyle: target.endpoint !== undefined });
        return { client, command: s3.PutObjectCommand };
      },
      async ({ client }) => client.destroy(),
    );
  }

  async send(parcel: Parcel, abortSignal: AbortSignal): Promise<Sent> {
    const { client, command } = await this.#connection.get();
    const { bucket, prefix } = this.#target;
    const object = { Bucket: bucket, Key: prefix + keyOf(parcel), Body: parcel.body, ContentType: parcel.contentType };
    await client.send(new command(object), { abortSignal });
    return SENT;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function keyOf({ id, items }: Parcel): string {
  const hour = new Date(items[0]?.event.at ?? 0).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
  return `${hour}/${id}.json`;
}
