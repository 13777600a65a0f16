import { RawSocket, type SocketOptions } from './raw-socket.ts';

/** One message of the native wire, as far as tests look into it. */
export interface Said {
  readonly type: string;
  readonly id?: number;
  readonly channel?: string;
  readonly code?: string;
  readonly [field: string]: unknown;
}

export interface Item {
  readonly offset?: number;
  readonly timetoken: string;
  readonly kind?: string;
  readonly to?: string;
  readonly from?: { readonly session?: string; readonly user?: string; readonly claimed?: string };
  readonly data: unknown;
}

export interface NativeOptions extends SocketOptions {
  readonly port: number;
  readonly key: string;
  readonly token?: string;
  readonly user?: string;
}

/** A client of the native wire by hand: nothing of ours decides what it sees. */
export class NativeClient extends RawSocket<Said> {
  session = '';
  #ids = 0;

  /** Without `connect`. */
  static async dial({ port, key, token: _, user: __, ...options }: NativeOptions): Promise<NativeClient> {
    const client = new NativeClient(port, `/v1/connect?key=${key}`, { protocol: 'portcullis.v1', ...options });
    await client.opened();
    return client;
  }

  /** Connected, or refused: then with what was said. */
  static async open(options: NativeOptions): Promise<NativeClient> {
    const client = await NativeClient.dial(options);
    const { token, user } = options;
    const id = client.ask({
      type: 'connect',
      ...(token !== undefined && { token }),
      ...(user !== undefined && { user }),
    });
    const answer = await client.until((said) => said.id === id || said.type === 'closing');
    if (answer.type !== 'connected') throw new Error(`refused: ${JSON.stringify(answer)}`);
    client.session = String(answer.session);
    return client;
  }

  /** Sends a message under the next id, which it answers. */
  ask(message: { readonly type: string; readonly [field: string]: unknown }): number {
    const { type, ...rest } = message;
    this.#ids += 1;
    this.send({ type, id: this.#ids, ...rest });
    return this.#ids;
  }

  /** The answer to what is asked. */
  asked(message: { readonly type: string; readonly [field: string]: unknown }): Promise<Said> {
    const from = this.frames.length;
    const id = this.ask(message);
    return this.until((said) => said.id === id, from);
  }

  join(channel: string, options: object = {}): Promise<Said> {
    return this.asked({ type: 'join', channel, ...options });
  }

  publish(channel: string, data: unknown, options: object = {}): Promise<Said> {
    return this.asked({ type: 'publish', channel, data, ...options });
  }

  /** All items heard live, in order, with their channel. */
  get heard(): (Item & { readonly channel: string })[] {
    return this.frames.flatMap((said) =>
      said.type === 'messages' ? itemsOf(said).map((item) => ({ ...item, channel: String(said.channel) })) : [],
    );
  }

  /** What others said, once this has come. */
  hears(data: unknown): Promise<Said> {
    const text = JSON.stringify(data);
    return this.until(
      (said) => said.type === 'messages' && itemsOf(said).some((item) => JSON.stringify(item.data) === text),
    );
  }

  /** All that was sent before has been handled and answered. */
  quiet(): Promise<Said> {
    return this.asked({ type: 'ping' });
  }
}

export function itemsOf(said: Said): readonly Item[] {
  const items = said.messages as readonly Item[];
  const from = said.from as Item['from'];
  return from === undefined ? items : items.map((item) => ({ ...item, from }));
}
