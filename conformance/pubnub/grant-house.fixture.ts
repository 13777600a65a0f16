import { randomUUID } from 'node:crypto';
import { BIT, type GrantEntries, type GrantSection, mintGrant, type Permission } from '@portcullis/policy';
import PubNub from 'pubnub';
import { RunningServer, type ServerOptions } from '../support/server.ts';
import { VendorUser } from './vendor-client.fixture.ts';

export const KEYS = {
  publish: 'pub-conformance-0123456789abcdef0123',
  subscribe: 'sub-conformance-0123456789abcdef0123',
  secret: 'sec-conformance-0123456789abcdef0123',
};

/** Per section and name, what is granted: permissions by name, or the sum of their bits. */
export type Granted = Readonly<Partial<Record<GrantSection, Readonly<Record<string, readonly Permission[] | number>>>>>;

export interface Minting {
  /** Bound to this user; absent: to nobody. */
  readonly user?: string;
  /** Minutes. */
  readonly ttl?: number;
  /** When it was minted, ms since 1970. */
  readonly now?: number;
}

/** One server under the Access Manager alone, and whoever comes to it with the vendor's SDK as it is published. */
export class GrantHouse {
  readonly server: RunningServer;
  readonly #clients: PubNub[] = [];
  readonly #users: VendorUser[] = [];

  private constructor(server: RunningServer) {
    this.server = server;
  }

  /**
   * @param channels YAML of the app's `channels:`, in flow style; for a house that goes by rules
   * @param more further keys of the app as YAML, indented by four, and environment variables of the server
   */
  static async open(
    access = '{ rules: off, grants: on, explainToClients: full }',
    channels = '[]',
    { app = '', env = {} }: Pick<ServerOptions, 'app' | 'env'> = {},
  ): Promise<GrantHouse> {
    const { publish, subscribe, secret } = KEYS;
    const keys = `    keys: { publish: ${publish}, subscribe: ${subscribe}, secret: ${secret} }\n`;
    return new GrantHouse(await RunningServer.start({ app: `${keys}    channels: ${channels}\n${app}`, access, env }));
  }

  /** A token, minted beside the server with the secret alone. */
  mint(granted: Granted, { user, ttl = 10, now = Date.now() }: Minting = {}): string {
    const resources = Object.fromEntries(Object.entries(granted).map(([section, names]) => [section, entries(names)]));
    const spec = { ttl, resources, ...(user === undefined ? {} : { authorizedUser: user }) };
    const secret = { id: 'conformance', secret: KEYS.secret };
    const minted = mintGrant(spec, { app: 'test', secret, now, nonce: randomUUID() });
    if (!minted.ok) throw new Error(JSON.stringify(minted.problems));
    return minted.token;
  }

  /** A client that is only asked for answers. */
  client(userId: string, token?: string, more: object = {}): PubNub {
    const client = new PubNub({ ...this.#keys(userId), origin: `127.0.0.1:${this.server.port}`, ssl: false, ...more });
    if (token !== undefined) client.setToken(token);
    this.#clients.push(client);
    return client;
  }

  backend(userId = 'backend'): PubNub {
    return this.client(userId, undefined, { secretKey: KEYS.secret });
  }

  /** A client that listens. */
  listener(userId: string, token: string | undefined, more: object = {}): VendorUser {
    const user = new VendorUser(this.server.port, { ...this.#keys(userId), ...more });
    if (token !== undefined) user.client.setToken(token);
    this.#users.push(user);
    return user;
  }

  /** Ends whoever came so far, without a word to the server. */
  sendAllAway(): void {
    for (const client of this.#clients.splice(0)) client.destroy(true);
    for (const { client } of this.#users.splice(0)) client.destroy(true);
  }

  async close(): Promise<void> {
    this.sendAllAway();
    await this.server.stop();
  }

  #keys(userId: string) {
    return { publishKey: KEYS.publish, subscribeKey: KEYS.subscribe, userId };
  }
}

/** Sum of the bits. */
export function bits(permissions: readonly Permission[]): number {
  return permissions.reduce((sum, permission) => sum | BIT[permission], 0);
}

function entries(names: Readonly<Record<string, readonly Permission[] | number>>): GrantEntries {
  return new Map(Object.entries(names).map(([name, mask]) => [name, typeof mask === 'number' ? mask : bits(mask)]));
}

/** How a call of the SDK ends: what it answers, or the parts of the status it fails with that applications look at. */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    const { status } = error as { status?: Refusal & { errorData?: { code?: string } } };
    if (status === undefined) throw error;
    const { category, statusCode, errorData } = status;
    return { category, statusCode, code: errorData?.code };
  }
}

interface Refusal {
  readonly category: string;
  readonly statusCode: number;
}

/** What `outcome` is of a call that the Access Manager refused with this code. */
export const denied = (code: string) => ({ category: 'PNAccessDeniedCategory', statusCode: 403, code });
