import { createRequire } from 'node:module';

/** What this house needs of the vendor's SDK, which is used as it is published. */
export interface VendorClient {
  addListener(listener: Readonly<Record<string, (event: VendorEvent) => void>>): void;
  subscribe(options: object): void;
  unsubscribe(options: object): void;
  unsubscribeAll(): void;
  publish(options: object): Promise<{ readonly timetoken: string }>;
  signal(options: object): Promise<{ readonly timetoken: string }>;
  fire(options: object): Promise<{ readonly timetoken: string }>;
  hereNow(options: object): Promise<HereNowAnswer>;
  whereNow(options: object): Promise<{ readonly channels: readonly string[] }>;
  setState(options: object): Promise<{ readonly state: object }>;
  getState(options: object): Promise<{ readonly channels: Readonly<Record<string, object>> }>;
  setFilterExpression(expression: string): void;
  setToken(token: string): void;
  reconnect(): void;
  disconnect(): void;
  fetchMessages(options: object): Promise<HistoryAnswer>;
  addMessageAction(options: object): Promise<{ readonly data: { readonly actionTimetoken: string } }>;
  time(): Promise<{ readonly timetoken: number | string }>;
  readonly channelGroups: Readonly<
    Record<
      'addChannels' | 'removeChannels' | 'listChannels' | 'listGroups' | 'deleteGroup',
      (options?: object) => Promise<Readonly<Record<string, unknown>>>
    >
  >;
  destroy(isOffline?: boolean): void;
}

export interface HereNowAnswer {
  readonly totalOccupancy: number;
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly occupancy: number;
        readonly occupants: readonly { readonly uuid: string; readonly state?: object | null }[];
      }
    >
  >;
}

export interface HistoryAnswer {
  readonly channels: Readonly<Record<string, readonly { readonly message: unknown }[]>>;
}

export type VendorEvent = Readonly<Record<string, unknown>>;

/** How the SDK rejects: everything is in the status. */
export interface VendorStatus {
  readonly status: {
    readonly category: string;
    readonly statusCode: number;
    readonly errorData?: Readonly<Record<string, unknown>>;
  };
}

type VendorSdk = new (options: object) => VendorClient;
const Sdk = createRequire(import.meta.url)('pubnub') as VendorSdk;

/** One user of the SDK, and what reached it. */
export class VendorUser {
  readonly client: VendorClient;
  /** Events in order, each with its kind. */
  readonly events: VendorEvent[] = [];

  constructor(port: number, options: object) {
    this.client = new Sdk({ origin: `127.0.0.1:${port}`, ssl: false, logVerbosity: false, ...options });
    const kinds = ['status', 'message', 'signal', 'presence', 'objects', 'messageAction', 'file'] as const;
    const note = (kind: string) => (event: VendorEvent) => void this.events.push({ kind, ...event });
    this.client.addListener(Object.fromEntries(kinds.map((kind) => [kind, note(kind)])));
  }

  of(kind: string): VendorEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  /** Waits, for a bounded time, until an event of the kind has these fields. */
  async seen(kind: string, fields: object): Promise<VendorEvent> {
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline) {
      const found = this.of(kind).find((event) => Object.entries(fields).every(([key, value]) => event[key] === value));
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no ${kind} with ${JSON.stringify(fields)} among ${JSON.stringify(this.events)}`);
  }

  /** Subscribes, and waits until the SDK says that it is connected. */
  async subscribed(options: object): Promise<void> {
    this.client.subscribe(options);
    await this.seen('status', { category: 'PNConnectedCategory' });
  }
}

/** What a call of the SDK fails with. */
export async function failure(call: Promise<unknown>): Promise<VendorStatus['status']> {
  try {
    await call;
  } catch (error) {
    return (error as VendorStatus).status;
  }
  throw new Error('it did not fail');
}
