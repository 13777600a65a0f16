import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Event = Readonly<Record<string, unknown>>;
/** How a call ended for the application: with the SDK's answer, or with what the SDK makes of a refusal. */
export interface Failure {
  readonly status: number;
  /** The SDK's own word, where it has one. */
  readonly category: string | null;
  /** Holds what the server said. */
  readonly text: string;
}

export interface PersonOptions {
  readonly port: number;
  readonly publish: string;
  readonly subscribe: string;
  readonly secret?: string;
  readonly user: string;
  readonly filter?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** A program in another language that uses the vendor's SDK for it; `missing`: why it cannot be run on this machine. */
export interface OtherSdk {
  readonly name: string;
  readonly missing: string | null;
  readonly command: readonly [program: string, ...given: string[]];
  /** What this SDK cannot do with any server. */
  readonly without: readonly ('object events' | 'message types' | 'compression' | 'deleting with a token')[];
}

interface Waiting {
  readonly answer: (answer: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** What an SDK throws at its application. */
export class Refused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

/** One user of another SDK, in a process of its own, which ends with its input. */
export class Person {
  /** In the order they came. */
  readonly events: Event[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #listeners: (() => void)[] = [];
  #calls = 0;
  #said = '';

  constructor({ command: [program, ...given] }: OtherSdk, options: PersonOptions) {
    this.#child = spawn(program, [...given, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.#child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#hear(line));
    stderr?.on('data', (text) => {
      this.#said = `${this.#said}${text}`.slice(-4_000);
    });
    this.#child.once('exit', () => {
      for (const { fail } of this.#waiting.values()) fail(new Error(`the program ended:\n${this.#said}`));
    });
  }

  call(name: string, args: object = {}): Promise<unknown> {
    const id = ++this.#calls;
    const line = `${JSON.stringify({ id, call: name, args })}\n`;
    return new Promise((answer, fail) => {
      this.#waiting.set(id, { answer, fail });
      this.#child.stdin?.write(line);
    });
  }

  /** What a call fails with that has to be refused. */
  async failure(name: string, args: object = {}): Promise<Failure> {
    try {
      await this.call(name, args);
    } catch (error) {
      if (error instanceof Refused) return error.failure;
      throw error;
    }
    throw new Error(`${name} did not fail`);
  }

  /** Waits, for a bounded time, until an event has these fields. */
  async seen(fields: object): Promise<Event> {
    const has = (event: Event) =>
      Object.entries(fields).every(([key, value]) => JSON.stringify(event[key]) === JSON.stringify(value));
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = this.events.find(has);
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`no ${JSON.stringify(fields)} among ${JSON.stringify(this.events)}\n${this.#said}`);
      await new Promise<void>((heard) => {
        const timer = setTimeout(heard, left);
        this.#listeners.push(() => {
          clearTimeout(timer);
          heard();
        });
      });
    }
  }

  /** Subscribes, and waits until the SDK says that it is connected. */
  async subscribed(args: object): Promise<void> {
    await this.call('subscribe', args);
    await this.seen({ event: 'status', category: 'PNConnectedCategory' });
  }

  end(): void {
    this.#child.kill();
  }

  #hear(line: string): void {
    const said = JSON.parse(line) as Event & { readonly id?: number; readonly failure?: Failure };
    if (said.event !== undefined || said.id === undefined) {
      this.events.push(said);
      for (const heard of this.#listeners.splice(0)) heard();
      return;
    }
    const waiting = this.#waiting.get(said.id);
    this.#waiting.delete(said.id);
    if (said.failure) waiting?.fail(new Refused(said.failure));
    else if (said.fault !== undefined) waiting?.fail(new Error(String(said.fault)));
    else waiting?.answer(said.answer);
  }
}
