import { WebSocket } from 'ws';

export interface Frame {
  readonly action: string;
  readonly options: { readonly channel?: string };
  readonly client: unknown;
  readonly payload: unknown;
}

export interface XanoClient {
  readonly socket: WebSocket;
  /** Close code. */
  readonly closed: Promise<number>;
  say(action: string, channel: string, payload?: unknown): void;
  /** The next frame of one of these actions, from those that came and were not asked for yet. */
  next(...actions: readonly string[]): Promise<Frame>;
}

/** A client that speaks as much of the Xano wire as a test needs. */
export async function connectXano(url: string, hash: string, token?: string): Promise<XanoClient> {
  const protocols = token === undefined ? [] : [token];
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/rt/${hash}`, protocols, { rejectUnauthorized: false });
  const frames: Frame[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => resolve(code));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    closed,
    say: (action, channel, payload = { history: false, presence: false }) =>
      socket.send(JSON.stringify({ action, options: { channel }, payload })),
    next: async (...actions) => {
      for (;;) {
        const at = frames.findIndex((frame) => actions.includes(frame.action));
        const [found] = at < 0 ? [] : frames.splice(at, 1);
        if (found) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
