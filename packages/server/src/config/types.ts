import type { ListenerSpec } from '@portcullis/automation/actions';
import type { TriggerSpec } from '@portcullis/automation/triggers';
import type { Limits, ReplayLimits } from '@portcullis/engine';
import type { PubNubSettings } from '@portcullis/gateways/pubnub';
import type { AccessSettings, Features, RuleSpec } from '@portcullis/policy';
import type { IdentityKeyConfig } from '../identity/key-config.ts';

/** The whole configuration with every default filled in. Sizes in bytes, times in ms. */
export interface ServerConfig {
  readonly server: ServerSettings;
  /** Folder of the embedded store; `:memory:` keeps nothing. */
  readonly data: string;
  readonly engine: 'memory';
  readonly store: 'sqlite';
  readonly apps: readonly AppConfig[];
  /** Absolute path of the folder that relative paths of apps start from: that of the file. */
  readonly base: string;
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Origins that may open WebSockets and use the console: `scheme://host[:port]`, where the port or the first label may be `*`. */
  readonly origins: readonly string[];
  /** Absent: the management API answers nobody. */
  readonly adminToken?: string;
  /** Management API and metrics on a port of their own. */
  readonly adminPort?: number;
  readonly publicUrl?: string;
  /** Addresses and CIDR blocks whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly playground: 'auto' | 'on' | 'off';
  readonly outbound: OutboundSettings;
  readonly log: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly pingInterval: number;
  readonly drainTimeout: number;
  readonly maxHeader: number;
  readonly maxBody: number;
  readonly headerTimeout: number;
  readonly requestTimeout: number;
  /** Calls with a wrong token that one address may make before it has to wait. */
  readonly failedLogins: number;
}

/** What requests the server itself makes may reach, and how much of it. */
export interface OutboundSettings {
  /** Whether private and loopback addresses, and `http:` to them, may be reached. */
  readonly private: 'deny' | 'allow';
  readonly timeout: number;
  readonly maxBytes: number;
  /** The least time between two fetches of one key set for key ids it does not hold. */
  readonly refetchAfter: number;
}

export interface AppConfig {
  readonly id: string;
  readonly enabled: boolean;
  readonly keys: AppKeys;
  /** For clients of the Xano SDK: the last part of `/rt/<connectionHash>`. */
  readonly connectionHash?: string;
  readonly access: AccessConfig;
  readonly features: Features;
  readonly identity: { readonly jwt: readonly IdentityKeyConfig[] };
  readonly channels: readonly RuleSpec[];
  readonly triggers: readonly TriggerSpec[];
  readonly functions: FunctionsConfig;
  /** Listeners of the file. */
  readonly actions: readonly ListenerSpec[];
  readonly limits: AppLimits;
  readonly history: {
    readonly max: number;
    readonly default: number;
    /** ms; `Infinity`: by number alone. */
    readonly retention: number;
  };
  readonly historyWiden: boolean;
  readonly tokenGrace: number;
  readonly replay: Required<ReplayLimits>;
  /** `announceMax` is that of `presence`. */
  readonly pubnub: Omit<PubNubSettings, 'announceMax'> & Pick<AccessSettings, 'wildcardDots'>;
  readonly presence: { readonly announceMax: number; readonly grace: number; readonly rosterMax: number };
}

/** Where an app's trigger functions are, and what they may take. */
export interface FunctionsConfig {
  readonly folder: string;
  readonly workers: number;
  readonly memory: number;
  readonly pending: number;
  readonly wait: number;
  readonly answer: number;
}

export interface AppKeys {
  readonly publish?: string;
  readonly subscribe?: string;
  readonly secret?: string;
  /** Rotated out: still verifies grants, never requests. */
  readonly previousSecret?: string;
}

export type AccessConfig = Pick<
  AccessSettings,
  'open' | 'rules' | 'grants' | 'patternMatch' | 'unboundTokens' | 'groupAdd' | 'explainToClients'
>;

/** The engine's limits, and those that doors and the server keep. `Infinity` is off. */
export interface AppLimits extends Limits {
  /** Bytes of a channel name. */
  readonly channelName: number;
  /** Connections of the app at once. */
  readonly connections: number;
  /** Requests and connection attempts of one address, per second. */
  readonly ratePerAddress: number;
  /** Channels that keep history. */
  readonly historyChannels: number;
  /** Bytes of one frame of a native client. */
  readonly frame: number;
  /** Messages in one frame of a native client. */
  readonly commandsPerFrame: number;
  /** Channels of one event stream. */
  readonly channelsPerStream: number;
  /** Bytes of what is said beside a payload, as JSON. */
  readonly meta: number;
  /** What a connection may send before its first join. */
  readonly beforeJoin: number;
  /** Bytes of one frame before that. */
  readonly frameBeforeJoin: number;
  /** Bytes of one token as text. */
  readonly token: number;
  /** Bytes of a user id. */
  readonly userId: number;
  /** Listeners of the app. */
  readonly listeners: number;
  /** Events that wait for one action, and their bytes. */
  readonly outbox: number;
  readonly outboxBytes: number;
  readonly deadLetters: number;
  /** Actions that may bring one another about by publishing. */
  readonly actionHops: number;
  /** Refusals that listeners are told of, per second. */
  readonly deniedEvents: number;
  /** Of those, from one address. */
  readonly deniedPerAddress: number;
  /** Verified tokens that are remembered. */
  readonly verifiedTokens: number;
}
