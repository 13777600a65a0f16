import type { SendTarget } from '@portcullis/policy';
import { itemsOf, NativeClient, type Said } from '../support/native-client.ts';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH } from '../support/server.ts';

/** One client as the matrix uses it, whatever wire it speaks. */
export interface Entrant {
  /** Its session in the channel, or the code of the refusal. */
  join(channel: string): Promise<{ readonly session: string } | { readonly code: string }>;
  /** The sessions of the roster that came with a join, once it has come. */
  roster(channel: string): Promise<readonly string[]>;
  /** Whether a roster came at all. */
  hasRoster(channel: string): boolean;
  say(channel: string, text: string, target: SendTarget): void;
  /** Texts heard. */
  readonly heard: readonly string[];
  /** Refusals so far, as `channel code`. */
  readonly refused: readonly string[];
  history(channel: string): Promise<readonly string[] | { readonly code: string }>;
  /** All that was sent has been handled and answered. */
  quiet(): Promise<void>;
  destroy(): void;
}

export interface Door {
  readonly name: string;
  /** Whether it can say: to this user. */
  readonly sendsToUsers: boolean;
  arrive(port: number, token?: string): Promise<Entrant>;
}

export const KEY = 'sub-matrix';

export const DOORS: readonly Door[] = [
  {
    name: 'Xano',
    sendsToUsers: false,
    arrive: async (port, token) =>
      new XanoEntrant(await RawClient.open({ port, hash: HASH, ...(token !== undefined && { token }) })),
  },
  {
    name: 'native',
    sendsToUsers: true,
    arrive: async (port, token) =>
      new NativeEntrant(await NativeClient.open({ port, key: KEY, ...(token !== undefined && { token }) })),
  },
];

class XanoEntrant implements Entrant {
  readonly #client: RawClient;

  constructor(client: RawClient) {
    this.#client = client;
  }

  async join(channel: string) {
    const answer = await this.#client.join(channel, { presence: true });
    return answer.action === 'join' ? { session: answer.client?.socketId ?? '' } : { code: codeOf(answer) };
  }

  async roster(channel: string) {
    const roster = await this.#client.until((frame) => isFor(frame, 'presence_full', channel));
    return (roster.payload as { presence: { socketId: string }[] }).presence.map(({ socketId }) => socketId);
  }

  hasRoster(channel: string): boolean {
    return this.#client.frames.some((frame) => isFor(frame, 'presence_full', channel));
  }

  say(channel: string, text: string, target: SendTarget): void {
    const options =
      target.to === 'session' ? { socketId: target.session } : target.to === 'everyone' ? {} : { authenticated: true };
    this.#client.message(channel, text, options);
  }

  get heard() {
    return this.#client.frames.filter(({ action }) => action === 'message').map(({ payload }) => String(payload));
  }

  get refused() {
    return this.#client.frames
      .filter((frame) => frame.action === 'error' && frame.options?.channel)
      .map((frame) => `${frame.options?.channel} ${codeOf(frame)}`);
  }

  async history(channel: string) {
    const from = this.#client.frames.length;
    this.#client.send({ action: 'history', options: { channel }, payload: null });
    const answer = await this.#client.until(
      (frame) => isFor(frame, 'history', channel) || isFor(frame, 'error', channel),
      from,
    );
    if (answer.action === 'error') return { code: codeOf(answer) };
    return (answer.payload as { history: Frame[] }).history.map(({ payload }) => String(payload));
  }

  /** It asks for something that is refused, and waits for it. */
  async quiet() {
    const from = this.#client.frames.length;
    this.#client.send({ action: 'nonsense', options: {}, payload: null });
    await this.#client.until((frame) => frame.action === 'error' && frame.options?.channel === undefined, from);
  }

  destroy() {
    this.#client.destroy();
  }
}

const codeOf = ({ payload }: Frame): string => (payload as { code: string }).code;

function isFor(frame: Frame, action: string, channel: string): boolean {
  return frame.action === action && frame.options?.channel === channel;
}

class NativeEntrant implements Entrant {
  readonly #client: NativeClient;

  constructor(client: NativeClient) {
    this.#client = client;
  }

  async join(channel: string) {
    const answer = await this.#client.join(channel, { presence: true });
    return answer.type === 'joined' ? { session: this.#client.session } : { code: String(answer.code) };
  }

  async roster(channel: string) {
    const roster = await this.#client.until((said) => said.type === 'roster' && said.channel === channel);
    return (roster.members as { session: string }[]).map(({ session }) => session);
  }

  hasRoster(channel: string): boolean {
    return this.#client.frames.some((said) => said.type === 'roster' && said.channel === channel);
  }

  say(channel: string, text: string, { to, ...whom }: SendTarget): void {
    const target = to === 'everyone' ? {} : { to: to === 'authenticated' ? to : whom };
    this.#client.ask({ type: 'publish', channel, data: text, ...target });
  }

  get heard() {
    return this.#client.heard.map(({ data }) => String(data));
  }

  get refused() {
    const refused = (said: Said) => said.type === 'error' && said.channel !== undefined;
    return this.#client.frames.filter(refused).map(({ channel, code }) => `${channel} ${code}`);
  }

  async history(channel: string) {
    const answer = await this.#client.asked({ type: 'history', channel, limit: 1_000 });
    return answer.type === 'error' ? { code: String(answer.code) } : itemsOf(answer).map(({ data }) => String(data));
  }

  async quiet() {
    await this.#client.quiet();
  }

  destroy() {
    this.#client.destroy();
  }
}
