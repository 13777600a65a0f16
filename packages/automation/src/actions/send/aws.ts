import type { Reach } from '../../outbound/index.ts';
import type { KinesisTarget, S3Target, SqsTarget } from '../spec.ts';
import { loadClient } from './load-client.ts';

type AwsTarget = SqsTarget | KinesisTarget | S3Target;

/** What the vendor's clients are made with. */
export interface AwsOptions {
  readonly region: string;
  readonly endpoint?: string;
  /** The lane tries again. */
  readonly maxAttempts: 1;
  readonly credentials?: Credentials | (() => Promise<Credentials>);
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Where an endpoint is named, it is held to what the server may reach. `externalId`: the app's subscribe key, as the vendor has it. */
export async function awsOptions(target: AwsTarget, reach: Reach, externalId: string): Promise<AwsOptions> {
  const { region, endpoint, accessKeyId, secretAccessKey, role } = target;
  if (endpoint !== undefined) await reach(new URL(endpoint).hostname);
  const own = accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  const base = { region, maxAttempts: 1, ...(endpoint === undefined ? {} : { endpoint }) } as const;
  if (role === undefined) return own ? { ...base, credentials: own } : base;
  return { ...base, credentials: () => assume(role, externalId, own ? { ...base, credentials: own } : base) };
}

async function assume(role: string, externalId: string, options: AwsOptions): Promise<Credentials> {
  const { STSClient, AssumeRoleCommand } = await loadClient('@aws-sdk/client-sts', () => import('@aws-sdk/client-sts'));
  const client = new STSClient(options);
  try {
    const command = new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'portcullis', ExternalId: externalId });
    const { Credentials: given } = await client.send(command);
    if (!given?.AccessKeyId || !given.SecretAccessKey) throw new Error(`the role ${role} could not be assumed`);
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
      ...(given.Expiration === undefined ? {} : { expiration: given.Expiration }),
    };
  } finally {
    client.destroy();
  }
}
