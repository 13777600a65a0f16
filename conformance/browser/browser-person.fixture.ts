import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface Action {
  readonly action: string;
  readonly options?: Record<string, unknown>;
  readonly client?: Self | null;
  readonly payload: Payload | null;
}

interface Self {
  readonly socketId: string;
  readonly extras: Record<string, unknown>;
  readonly permissions: { readonly dbo_id: number; readonly row_id: number | string };
}

interface Payload {
  readonly code?: string;
  readonly message?: string;
  readonly history?: readonly Action[];
}

interface SocketNote {
  readonly offered: readonly string[] | null;
  readonly protocol: string | null;
  readonly closedWith: number | null;
}

export interface Arrival {
  readonly site: string;
  readonly hash: string;
  readonly token?: string;
}

/** How long anything may take to arrive, ms. */
const WITHIN = 10_000;

/** One person in a browser of their own: a page with the SDK's bundle, and nothing of ours between the two. */
export class BrowserPerson {
  /** Whatever the page complained about. */
  readonly faults: string[] = [];
  readonly #context: BrowserContext;
  readonly #page: Page;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.#page = page;
    page.on('pageerror', (error) => this.faults.push(error.message));
  }

  static async arrive(browser: Browser, { site, hash, token }: Arrival): Promise<BrowserPerson> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const person = new BrowserPerson(context, page);
    await page.goto(site);
    await person.#do('arrive', hash, token ?? null);
    return person;
  }

  /** Opens a channel; joined or refused comes later. */
  open(name: string, options: object = {}): Promise<unknown> {
    return this.#do('open', name, options);
  }

  /** Opens a channel and waits for the answer: the person's own entry, or `null` when it was refused. */
  async join(name: string, options: object = {}): Promise<Self | null> {
    await this.open(name, options);
    await this.until(`an answer to joining ${name}`, async () => {
      return (await this.of(name, 'join')).length + (await this.errors(name)).length > 0;
    });
    return (await this.of(name, 'join'))[0]?.client ?? null;
  }

  send(name: string, payload: unknown, options?: object): Promise<unknown> {
    return this.#do('send', name, payload, options ?? null);
  }

  sendToPeer(name: string, id: string, payload: unknown): Promise<unknown> {
    return this.#do('sendToPeer', name, id, payload);
  }

  askHistory(name: string): Promise<unknown> {
    return this.#do('askHistory', name);
  }

  leave(name: string): Promise<unknown> {
    return this.#do('leave', name);
  }

  reconnect(token: string | null): Promise<unknown> {
    return this.#do('reconnect', token);
  }

  async of(name: string, action: string): Promise<Action[]> {
    const actions = (await this.#do('actions', name)) as Action[];
    return actions.filter((one) => one.action === action);
  }

  async messages(name: string): Promise<unknown[]> {
    return (await this.of(name, 'message')).map(({ payload }) => payload);
  }

  errors(name: string): Promise<Action[]> {
    return this.#do('errors', name) as Promise<Action[]>;
  }

  async codes(name: string): Promise<(string | undefined)[]> {
    return (await this.errors(name)).map(({ payload }) => payload?.code);
  }

  present(name: string): Promise<string[]> {
    return this.#do('present', name) as Promise<string[]>;
  }

  sockets(): Promise<SocketNote[]> {
    return this.#do('sockets') as Promise<SocketNote[]>;
  }

  /** The nth action of a kind, as soon as it is there. */
  async next(name: string, action: string, nth = 1): Promise<Action> {
    await this.until(`${action} number ${nth} on ${name}`, async () => (await this.of(name, action)).length >= nth);
    const found = (await this.of(name, action))[nth - 1];
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  async nextError(name: string, nth = 1): Promise<Action> {
    await this.until(`error number ${nth} on ${name}`, async () => (await this.errors(name)).length >= nth);
    const found = (await this.errors(name))[nth - 1];
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + WITHIN;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`timed out waiting for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  #do(what: string, ...args: unknown[]): Promise<unknown> {
    const given = args.map((argument) => JSON.stringify(argument) ?? 'undefined').join(', ');
    return this.#page.evaluate(`globalThis.person.${what}(${given})`);
  }
}
