import { type AccessRequest, expiresAt, type Principal } from '@portcullis/policy';
import { CLOSE, type ClientMessage, type Connect, type ServerMessage } from '@portcullis/protocol';
import { carryOut } from './carry-out.ts';
import { memberOf, rosterOf, tellPresence } from './presence.ts';
import type { Room } from './room.ts';
import type { Refusal, World } from './world.ts';

const GRACE = 30_000;

/** The wire, as seen from the server. */
export interface Wire {
  say(messages: readonly ServerMessage[]): void;
  close(code: number): void;
}

/** One connection, on the side of the server. */
export class Seat {
  readonly world: World;
  readonly session: string;
  readonly rooms = new Map<string, Room>();
  principal: Principal = { kind: 'anonymous', credentials: [] };
  readonly #wire: Wire;
  readonly #after: (ms: number, run: () => void) => () => void;
  #connected = false;
  #over = false;
  #waiting: ServerMessage[] = [];
  #cancelExpiry = () => {};

  constructor(world: World, wire: Wire, after: (ms: number, run: () => void) => () => void) {
    this.world = world;
    this.#wire = wire;
    this.#after = after;
    this.session = world.newSession();
    world.seats.add(this);
  }

  about(): Pick<AccessRequest, 'principal' | 'now' | 'session'> {
    return { principal: this.principal, now: this.world.now(), session: this.session };
  }

  take(messages: readonly ClientMessage[]): void {
    for (const message of messages) {
      if (this.#over) return;
      if (message.type === 'connect') this.#connect(message);
      else if (this.#connected) carryOut(this, message);
      else this.end(CLOSE.malformed, { code: 'request.malformed', message: 'Connect first.' });
    }
  }

  say(message: ServerMessage): void {
    if (this.#over) return;
    if (this.#waiting.length === 0) queueMicrotask(() => this.#flush());
    this.#waiting.push(message);
  }

  /** Another token of the same user. */
  swap(id: number, token: string): void {
    const next = this.world.people.prove(token, undefined);
    const refused = this.#refusalOf(next);
    if (refused || !next) {
      this.say({ type: 'error', id, ...(refused ?? MALFORMED) });
      return;
    }
    this.principal = next;
    this.say({ type: 'token', id, ...this.#expiry() });
    this.settle();
    this.#watchExpiry();
  }

  /** Decides again all that it has. */
  settle(): void {
    if (!this.#connected || this.#over) return;
    const refused = this.world.refusal({ ...this.about(), operation: 'connect', joined: true });
    if (refused) {
      if (ofToken.has(refused.code)) this.#expire(refused);
      else this.end(CLOSE.refused, refused);
      return;
    }
    for (const [name, room] of [...this.rooms]) {
      const about = { ...this.about(), name, joined: true } as const;
      const lost = this.world.refusal({
        ...about,
        operation: 'receive',
        audience: { to: 'everyone', anonymous: true },
      });
      if (lost) this.#lose(name, lost);
      else this.#settlePresence(name, room, this.world.refusal({ ...about, operation: 'roster' }));
    }
  }

  leave(name: string, action: 'leave' | 'timeout' = 'leave'): void {
    const room = this.rooms.get(name);
    const place = room?.seats.get(this);
    if (!room || !place) return;
    room.seats.delete(this);
    this.rooms.delete(name);
    tellPresence(room, name, this, action);
  }

  /** Says why, and closes. */
  end(code: number, { code: why, message }: Refusal): void {
    if (this.#over) return;
    this.say({ type: 'closing', code: why, message, reconnect: code < 4500 });
    this.#flush();
    this.gone();
    this.#wire.close(code);
  }

  /** The connection is no more. */
  gone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelExpiry();
    this.world.seats.delete(this);
    for (const name of [...this.rooms.keys()]) this.leave(name);
  }

  #connect({ id, token, user }: Connect): void {
    const principal = this.world.people.prove(token, user);
    if (principal) this.principal = principal;
    const refused = principal ? this.world.refusal({ ...this.about(), operation: 'connect' }) : MALFORMED;
    if (refused) {
      this.say({ type: 'error', id, ...refused });
      this.end(CLOSE.refused, refused);
      return;
    }
    this.#connected = true;
    this.say({
      type: 'connected',
      id,
      session: this.session,
      self: memberOf(this),
      authenticated: this.principal.kind === 'user',
      ...this.#expiry(),
      now: this.world.now(),
      ping: 25_000,
      maxMessage: 32_768,
      maxFrame: 131_072,
      maxCommands: 500,
    });
    this.#watchExpiry();
  }

  #refusalOf(next: Principal | undefined): Refusal | undefined {
    if (!next) return MALFORMED;
    const userOf = (principal: Principal) => (principal.kind === 'user' ? principal.user : undefined);
    if (userOf(next) !== userOf(this.principal))
      return { code: 'identity.user-mismatch', message: 'It is another user’s.' };
    return this.world.refusal({ principal: next, now: this.world.now(), operation: 'connect', joined: true });
  }

  #expiry(): { readonly expiresAt?: number } {
    const ends = expiresAt(this.principal);
    return Number.isFinite(ends) ? { expiresAt: ends } : {};
  }

  #watchExpiry(): void {
    this.#cancelExpiry();
    const ends = expiresAt(this.principal);
    if (Number.isFinite(ends)) this.#cancelExpiry = this.#after(ends - this.world.now(), () => this.settle());
  }

  #expire(refused: Refusal): void {
    for (const name of [...this.rooms.keys()]) this.#lose(name, refused);
    this.say({ type: 'token-expired', code: refused.code, message: refused.message, grace: GRACE });
    this.#cancelExpiry();
    this.#cancelExpiry = this.#after(GRACE, () => this.end(CLOSE.tokenExpired, refused));
  }

  #lose(channel: string, { code, message }: Refusal): void {
    this.leave(channel);
    this.say({ type: 'lost', channel, what: 'channel', code, message });
  }

  #settlePresence(channel: string, room: Room, refused: Refusal | undefined): void {
    const place = room.seats.get(this);
    if (!place?.options.presence || place.seesPresence === !refused) return;
    place.seesPresence = !refused;
    if (refused) this.say({ type: 'lost', channel, what: 'presence', code: refused.code, message: refused.message });
    else this.say(rosterOf(room, channel));
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    this.#wire.say(this.#waiting.splice(0));
  }
}

const ofToken = new Set(['identity.expired', 'identity.revoked']);
const MALFORMED: Refusal = { code: 'identity.malformed', message: 'The token cannot be read.' };
