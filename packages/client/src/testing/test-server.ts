import {
  type AccessSettings,
  type Explanation,
  explain,
  type Operation,
  type PartialRuleSpec,
  type SendTarget,
} from '@portcullis/policy';
import type { ClientMessage, Json } from '@portcullis/protocol';
import type { AnyChannels } from '../channel-types.ts';
import type { Client } from '../client.ts';
import { connect } from '../connect.ts';
import type { WebSocketClass } from '../link.ts';
import type { ConnectOptions } from '../options.ts';
import { HERE, type Ports } from '../ports.ts';
import { deliver } from './carry-out.ts';
import { FakeSocket } from './fake-socket.ts';
import { principalOf, type TestUser } from './people.ts';
import { Seat } from './seat.ts';
import { SETTINGS } from './settings.ts';
import { World } from './world.ts';

export interface TestServerOptions {
  /** As in the configuration, under `channels`. */
  readonly rules?: readonly PartialRuleSpec[];
  /** As in the configuration, under `access`; default `{ rules: true, grants: false }`. */
  readonly access?: Partial<AccessSettings>;
  /** For tests with a clock of their own. */
  readonly ports?: Partial<Ports>;
}

const RESTARTING = { code: 'session.restarting', message: 'The server restarts.' };

/**
 * A server inside your test: real rules, real decisions (`decide()` of the server itself), real clients, no network and
 * nothing kept. What it cannot show: rates and sizes, other doors, triggers, more than 1 000 messages of a channel.
 */
export class TestServer {
  /** Give it to `connect()`, or let `server.connect()` do so. */
  readonly WebSocket: WebSocketClass;
  readonly #ports: Ports;
  readonly #world: World;
  readonly #sockets = new Set<FakeSocket>();
  #down = false;

  constructor({ rules = [], access = {}, ports }: TestServerOptions = {}) {
    this.#ports = { ...HERE, now: () => Date.now(), ...ports };
    this.#world = new World(this.#ports.now, { rules, settings: { ...SETTINGS, ...access } });
    const accept = (socket: FakeSocket) => this.#accept(socket);
    this.WebSocket = class extends FakeSocket {
      constructor() {
        super(accept);
      }
    };
  }

  /** A client of this server: `undefined` for the anonymous. */
  connect<Channels = AnyChannels>(who?: TestUser, options: Partial<ConnectOptions> = {}): Client<Channels> {
    const token = who && options.getToken === undefined ? { token: this.token(who) } : {};
    return connect<Channels>({
      url: 'http://test.invalid',
      key: 'test',
      WebSocket: this.WebSocket,
      ports: this.#ports,
      ...token,
      ...options,
    });
  }

  /** For `token` and `getToken`. */
  token(who: TestUser): string {
    return this.#world.people.token(who, this.#ports.now());
  }

  /** What the server would decide, and why. The asker counts as joined where that is asked. */
  explain(
    who: TestUser | undefined,
    operation: Operation,
    channel: string,
    more: { readonly target?: SendTarget } = {},
  ): Explanation {
    const now = this.#ports.now();
    const principal = who ? principalOf(who, 'explain', now) : ({ kind: 'anonymous', credentials: [] } as const);
    return explain({ operation, principal, now, name: channel, joined: true, ...more }, this.#world.policy);
  }

  /** Replaces all rules. Whoever is affected is told at once. */
  setRules(rules: readonly PartialRuleSpec[]): void {
    this.#world.commit({ rules });
  }

  ban(user: string, channel?: string): void {
    const { bans } = this.#world.authority;
    const where = channel === undefined ? {} : { channel };
    this.#world.commit({ bans: [...bans, { id: bans.length + 1, user, reason: 'test', hold: false, ...where }] });
  }

  unban(user: string): void {
    this.#world.commit({ bans: this.#world.authority.bans.filter((ban) => ban.user !== user) });
  }

  /** Takes back every token of a user that was made until now, or of a channel alone. */
  revoke(user: string, channel?: string): void {
    const { revocations } = this.#world.authority;
    const issuedBefore = Math.floor(this.#ports.now() / 1_000);
    const common = {
      id: revocations.length + 1,
      reason: 'test',
      keepUntil: Number.POSITIVE_INFINITY,
      user,
      issuedBefore,
    };
    const revocation =
      channel === undefined
        ? { ...common, type: 'user' as const }
        : { ...common, type: 'user-channel' as const, channel };
    this.#world.commit({ revocations: [...revocations, revocation] });
  }

  /** An event, as your backend sends it. */
  event(channel: string, data: Json): void {
    const room = this.#world.room(channel);
    const item = { timetoken: this.#world.timetoken(), kind: 'event', data } as const;
    deliver(room, channel, room.append({ item, audience: { to: 'everyone', anonymous: true }, sender: '' }, undefined));
  }

  /** Every connection breaks, as a network does. */
  drop(): void {
    for (const socket of [...this.#sockets]) socket.break(1006);
  }

  /** Nobody gets through until `start()`. */
  stop(): void {
    this.#down = true;
    for (const seat of [...this.#world.seats]) seat.end(1012, RESTARTING);
    this.drop();
  }

  /** @param keepsLogs false: what was missed can no longer be told */
  start({ keepsLogs = true } = {}): void {
    this.#down = false;
    if (!keepsLogs) this.#world.loseLogs();
  }

  #accept(socket: FakeSocket): void {
    if (this.#down) {
      socket.break(1006);
      return;
    }
    this.#sockets.add(socket);
    const wire = {
      say: (messages: readonly object[]) => socket.hear(JSON.stringify(messages.length === 1 ? messages[0] : messages)),
      close: (code: number) => socket.break(code),
    };
    const seat = new Seat(this.#world, wire, this.#ports.after);
    socket.onGone = () => {
      this.#sockets.delete(socket);
      seat.gone();
    };
    socket.onText = (text) => {
      const said = JSON.parse(text) as ClientMessage | ClientMessage[];
      seat.take(Array.isArray(said) ? said : [said]);
    };
    socket.onopen?.();
  }
}
