import type { Ports } from './ports.ts';

/** ms in which a connection that is in doubt has to give a sign. */
const PROBE = 5_000;

/** Tells a live connection from one that only looks so: silent for twice the server's ping, it is lost. */
export class Heartbeat {
  readonly #every: number;
  readonly #ports: Ports;
  readonly #do: { ping(): void; lost(): void };
  #heardAt: number;
  #cancel: () => void;
  #cancelProbe = () => {};

  constructor(every: number, ports: Ports, actions: { ping(): void; lost(): void }) {
    this.#every = every;
    this.#ports = ports;
    this.#do = actions;
    this.#heardAt = ports.now();
    this.#cancel = ports.after(every, () => this.#beat());
  }

  heard(): void {
    this.#heardAt = this.#ports.now();
  }

  /** Something says that the connection may be dead: asks at once. */
  probe(): void {
    this.#cancelProbe();
    const asked = this.#ports.now();
    this.#do.ping();
    this.#cancelProbe = this.#ports.after(PROBE, () => this.#heardAt < asked && this.#do.lost());
  }

  stop(): void {
    this.#cancel();
    this.#cancelProbe();
  }

  #beat(): void {
    const silent = this.#ports.now() - this.#heardAt;
    if (silent >= this.#every * 2) {
      this.#do.lost();
      return;
    }
    // A browser does not show the server's pings: it is asked for a sign when nothing else came.
    if (silent >= this.#every / 2) this.#do.ping();
    this.#cancel = this.#ports.after(Math.min(this.#every, this.#every * 2 - silent), () => this.#beat());
  }
}
