import { RawSocket, type SocketOptions } from './raw-socket.ts';

/** One frame of the Xano wire, as far as tests look into it. */
export interface Frame {
  readonly action: string;
  readonly options?: {
    readonly channel?: string;
    readonly timetoken?: string;
    readonly authenticated?: boolean;
    readonly socketId?: string | null;
  };
  readonly client?: {
    readonly socketId: string;
    readonly extras: object;
    readonly permissions: { readonly dbo_id: number | string; readonly row_id: number | string };
  } | null;
  readonly payload?: unknown;
}

export interface RawOptions extends SocketOptions {
  readonly port: number;
  readonly hash: string;
  readonly token?: string;
}

/** A client of the Xano wire by hand. */
export class RawClient extends RawSocket<Frame> {
  static async open({ port, hash, token, ...options }: RawOptions): Promise<RawClient> {
    const protocol = token === undefined ? {} : { protocol: token };
    const client = new RawClient(port, `/rt/${hash}`, { ...options, ...protocol });
    await client.opened();
    return client;
  }

  /** Joins and waits for the acknowledgement. */
  async join(channel: string, { presence = false, history = false } = {}): Promise<Frame> {
    const from = this.frames.length;
    this.send({ action: 'join', options: { channel }, payload: { history, presence } });
    return this.until(
      ({ action, options }) => (action === 'join' || action === 'error') && options?.channel === channel,
      from,
    );
  }

  message(channel: string, payload: unknown, options: object = {}): void {
    this.send({ action: 'message', options: { ...options, channel }, payload });
  }
}
