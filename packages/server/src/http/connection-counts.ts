import type { Duplex } from 'node:stream';
import type { Clock } from '@portcullis/engine';
import { addressGroup } from './address.ts';

export interface ConnectionLimits {
  /** Connections of the app at once. */
  readonly connections: number;
  /** Attempts of one address, per second. */
  readonly ratePerAddress: number;
}

/** Of one app. */
interface OpenConnections {
  count: number;
  /** One listener for all of them. */
  readonly closed: () => void;
}

/** Addresses remembered at once; beyond it the oldest is forgotten, and so starts anew. */
const REMEMBERED = 50_000;

/** Bounds what strangers may open before they have proved anything: connections of an app, attempts of an address. */
export class ConnectionCounts {
  readonly #limitsOf: (app: string) => ConnectionLimits;
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenConnections>();
  /** Attempts left, refilled with time. */
  readonly #attempts = new Map<string, { left: number; at: number }>();

  constructor(limitsOf: (app: string) => ConnectionLimits, clock: Clock) {
    this.#limitsOf = limitsOf;
    this.#clock = clock;
  }

  /** Counts a connection until its socket closes, or says which limit forbids it. */
  admit(app: string, address: string, socket: Duplex): 'limit.connections' | 'limit.ratePerAddress' | undefined {
    return this.attempt(app, address) ?? this.hold(app, socket);
  }

  /** As `admit`, for one whose attempt was counted. */
  hold(app: string, socket: Duplex): 'limit.connections' | undefined {
    const open = this.#open.get(app) ?? this.#begin(app);
    if (open.count >= this.#limitsOf(app).connections) return 'limit.connections';
    open.count += 1;
    socket.on('close', open.closed);
    return undefined;
  }

  #begin(app: string): OpenConnections {
    const open: OpenConnections = {
      count: 0,
      closed: () => {
        open.count -= 1;
        if (open.count === 0) this.#open.delete(app);
      },
    };
    this.#open.set(app, open);
    return open;
  }

  /** Counts a request or a connection attempt, or says which limit forbids it. */
  attempt(app: string, address: string): 'limit.ratePerAddress' | undefined {
    const key = JSON.stringify([app, addressGroup(address)]);
    return this.#takeAttempt(key, this.#limitsOf(app).ratePerAddress) ? undefined : 'limit.ratePerAddress';
  }

  /** A bucket of one second's attempts. */
  #takeAttempt(key: string, rate: number): boolean {
    if (!Number.isFinite(rate)) return true;
    const now = this.#clock.now();
    const bucket = this.#attempts.get(key) ?? { left: rate, at: now };
    this.#attempts.delete(key);
    this.#attempts.set(key, bucket);
    if (this.#attempts.size > REMEMBERED) {
      for (const oldest of this.#attempts.keys()) {
        this.#attempts.delete(oldest);
        break;
      }
    }
    bucket.left = Math.min(rate, bucket.left + ((now - bucket.at) / 1_000) * rate);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }
}
