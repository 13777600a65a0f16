import type { Failed, Joined, JsonObject, Lost } from '@portcullis/protocol';
import type { ChannelEvents, ChannelState } from './channel-events.ts';
import type { JoinOptions } from './channel-options.ts';
import type { Desk } from './desk.ts';
import { LogPlace } from './log-place.ts';
import { isOfToken, ownError, type PortcullisError, passesByItself, refusal } from './portcullis-error.ts';

/** ms until a join that was refused for now is asked for again; anything from half of it on. */
const SOON = 2_000;

type Told = Pick<ChannelEvents<never>, 'state' | 'lost' | 'gap'>;
type Tell = <Name extends keyof Told>(event: Name, value: Told[Name]) => void;

/** Whether this client is in one channel, wants to be, and where it stands in the channel's log. */
export class Membership {
  state: ChannelState = 'left';
  /** Why the channel was lost, or the last join refused. */
  error: PortcullisError | undefined;
  /** Told to others in the roster; it is said again with every join. */
  ownState: JsonObject | null = null;
  readonly place = new LogPlace();
  readonly #channel: string;
  readonly #desk: Desk;
  readonly #tell: Tell;
  #options: JoinOptions = {};
  /** Of the join under way; 0 when there is none. */
  #joinId = 0;
  /** Another join is asked for once that is answered. */
  #again = false;
  #entered = false;
  #cancel = () => {};
  #waiters: { resolve(): void; reject(error: PortcullisError): void }[] = [];

  constructor(channel: string, desk: Desk, tell: Tell) {
    this.#channel = channel;
    this.#desk = desk;
    this.#tell = tell;
  }

  join(options: JoinOptions): Promise<void> {
    const wider = (options.presence && !this.#options.presence) === true || options.history !== undefined;
    this.#options = { ...this.#options, ...options };
    if (this.state === 'joined' && !wider) return Promise.resolve();
    const joined = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    if (this.state !== 'joined') this.#become('joining');
    // One join at a time: what belongs to the one under way must not be taken for another's.
    if (this.#joinId !== 0) this.#again ||= wider;
    else this.#ask();
    return joined;
  }

  leave(): Promise<void> {
    if (this.state === 'left') return Promise.resolve();
    const said = this.state !== 'lost' && this.#desk.connected;
    this.#end('left', ownError('client.left', this.#channel));
    this.#desk.forget(this.#channel);
    this.place.forget();
    if (!said) return Promise.resolve();
    // Whatever the answer, it is left.
    const left = this.#desk.ask({ type: 'leave', channel: this.#channel }, 'left');
    return left.then(nothing, nothing);
  }

  /** There is a connection, or another token: whoever wants to be in asks to be let in. */
  connected(): void {
    if (this.state === 'joining' && this.#joinId === 0) this.#ask();
  }

  disconnected(): void {
    this.#cancel();
    this.#joinId = 0;
    if (this.state === 'joined') this.#become('joining');
  }

  /** The client is over for good. */
  closed(error: PortcullisError): void {
    if (this.state === 'left') return;
    const refused = error.code !== 'client.closed';
    this.#end(refused ? 'lost' : 'left', error);
    if (refused) this.#tell('lost', { what: 'channel', error });
  }

  /** The answer to the join under way. */
  joined(joined: Joined): void {
    if (joined.id !== this.#joinId || this.state === 'left') return;
    const gap = this.place.entered(joined);
    this.#entered = true;
    this.#joinId = 0;
    this.#become('joined');
    if (gap) this.#tell('gap', gap);
    if (this.#again && this.state === 'joined') this.#ask();
    else for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  /** Whether the refusal was of the join under way. */
  refused(failed: Failed): boolean {
    if (failed.id !== this.#joinId || this.state === 'left') return false;
    if (passesByItself(failed.code)) {
      this.#joinId = 0;
      this.#cancel = this.#desk.after(SOON * (1 - this.#desk.random() / 2), () => this.connected());
      return true;
    }
    const error = refusal({ ...failed, channel: this.#channel });
    const had = this.#entered;
    this.#end('lost', error);
    if (had) this.#tell('lost', { what: 'channel', error });
    return true;
  }

  /** Taken away on the live connection. With another token to be had it is only suspended. */
  lost(lost: Lost): PortcullisError | undefined {
    const error = refusal(lost);
    if (isOfToken(lost.code) && this.#desk.canRenew) {
      this.#joinId = 0;
      this.#become('joining');
      this.#desk.renewToken();
      return undefined;
    }
    this.#end('lost', error);
    this.#tell('lost', { what: 'channel', error });
    return error;
  }

  #ask(): void {
    if (!this.#desk.connected) return;
    this.#cancel();
    this.#again = false;
    this.#joinId = this.#desk.nextId();
    const { presence, history, recover = true } = this.#options;
    const position = recover && this.state !== 'joined' ? this.place.position : null;
    this.#desk.say({
      type: 'join',
      id: this.#joinId,
      channel: this.#channel,
      ...(presence ? { presence } : {}),
      // In place of what can no longer be told, what is kept.
      ...(position ? { recover: position } : {}),
      ...(history ? { history } : {}),
      ...(this.ownState ? { state: this.ownState } : {}),
    });
  }

  #end(state: 'left' | 'lost', error: PortcullisError): void {
    this.#cancel();
    this.#joinId = 0;
    this.#entered = false;
    this.error = state === 'lost' ? error : undefined;
    this.#become(state);
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #become(state: ChannelState): void {
    if (state === this.state) return;
    this.state = state;
    if (state !== 'lost') this.error = undefined;
    this.#tell('state', state);
  }
}

const nothing = (): void => {};
