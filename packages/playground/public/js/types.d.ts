/** A client as the server describes it: `extras` and `permissions` come out of the token. */
export interface Peer {
  readonly socketId: string;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly permissions: { readonly dbo_id: number; readonly row_id: number | string };
}

export interface Frame {
  readonly action: string;
  readonly client?: Peer | null;
  readonly options?: { readonly channel?: string; readonly authenticated?: boolean; readonly socketId?: string | null };
  // biome-ignore lint/suspicious/noExplicitAny: what strangers send; every reader looks before it touches.
  readonly payload: any;
}

export interface SendOptions {
  authenticated?: boolean;
  socketId?: string;
}

/** What the page asks of one client's realm. */
export type Order =
  | { kind: 'start'; hash: string; token: string | null; names: string[] }
  | { kind: 'send'; channel: string; payload: unknown; options: SendOptions }
  | { kind: 'history'; channel: string }
  | { kind: 'join'; channel: string; history: boolean };

/** What one client's realm tells the page. */
export type Report =
  | { kind: 'ready' }
  | { kind: 'frame'; channel: string | null; frame: Frame }
  | { kind: 'roster'; channel: string; roster: Peer[] }
  | { kind: 'closed'; code: number; reason: string };

export interface MessagingSwitch {
  readonly enabled: boolean;
  readonly authenticatedOnly: boolean;
}

export interface Rule {
  readonly enabled: boolean;
  readonly anonymousClients: boolean;
  readonly presence: boolean;
  readonly publicMessaging: MessagingSwitch;
  readonly authenticatedMessaging: boolean;
  readonly privateMessaging: MessagingSwitch;
  readonly history: number;
}

export interface ChannelConfig {
  readonly template: string;
  readonly target: string;
  readonly channel: string;
  readonly rule: Rule;
}

export interface Config {
  readonly app: string;
  readonly hash: string;
  /** The subscribe key, for our own client; null where the app has none. */
  readonly key: string | null;
  readonly channels: readonly ChannelConfig[];
  readonly users: readonly { user: string; name: string; extras: Readonly<Record<string, unknown>> }[];
  readonly docs?: { readonly home?: string };
}

export interface CodeRow {
  readonly code: string;
  readonly sentence: string;
  readonly meaning: string;
  readonly fix: string;
  readonly http: number;
}

/** A refusal as it is shown: the server's words, and what was asked. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export type NativeClient = import('@portcullis/client').Client;

export interface SdkChannel {
  on(listener: (frame: Frame) => void, onError: (frame: Frame) => void): SdkChannel;
  message(payload: unknown, options?: SendOptions): void;
  history(): void;
  getPresence(): Peer[];
}

export interface SdkClient {
  channel(name: string, options: { history: boolean; presence: boolean }): SdkChannel;
}

declare global {
  const XanoClient: new (options: Record<string, unknown>) => SdkClient;
  const XanoObjectStorage: new () => object;
}
