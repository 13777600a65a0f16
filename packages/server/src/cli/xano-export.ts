import { isRecord } from '../config/section.ts';
import { parseXanoScript, type XsBlock, type XsObject, type XsValue } from './xanoscript.ts';

/** One channel permission of a Xano workspace, in Xano's own terms. */
export interface XanoChannel {
  readonly pattern: string;
  readonly enabled: boolean;
  readonly description: string;
  readonly nested: boolean;
  readonly anonymous: boolean;
  readonly presence: boolean;
  readonly publicMessaging: boolean;
  readonly publicAuthOnly: boolean;
  readonly authenticated: boolean;
  readonly privateMessaging: boolean;
  readonly privateAuthOnly: boolean;
  readonly history: number;
  /** Keys that were there and that we do not know. */
  readonly unknown: readonly string[];
}

export interface XanoExport {
  /** Realtime as a whole; absent where the export does not say. */
  readonly enabled?: boolean;
  readonly hash?: string;
  readonly channels: readonly XanoChannel[];
  readonly triggers: readonly string[];
}

/** Reads the metadata API's JSON (`GET /workspace/{id}/realtime`, or a list of channels) or XanoScript. `undefined`: it is neither. */
export function readXanoExport(text: string): XanoExport | undefined {
  if (!/^\s*[{[]/.test(text)) return fromXanoScript(parseXanoScript(text));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return fromJson(json);
}

const JSON_KNOWN = new Set([
  'id',
  'pattern',
  'enabled',
  'description',
  'wildcard',
  'anonymous_clients',
  'presence',
  'client_public_messaging',
  'client_public_messaging_authenticated_only',
  'client_authenticated_messaging',
  'client_private_messaging',
  'client_private_messaging_authenticated_only',
  'history',
]);
const BOOKKEEPING = new Set([
  'created_at',
  'updated_at',
  'guid',
  'branch',
  'tag',
  'tags',
  'xanoscript',
  'trigger',
  'triggers',
]);

function fromJson(json: unknown): XanoExport | undefined {
  if (Array.isArray(json)) return { channels: json.filter(isRecord).map(channelFromJson), triggers: [] };
  if (!isRecord(json)) return undefined;
  if (isRecord(json.realtime)) return fromJson(json.realtime);
  if (typeof json.pattern === 'string') return fromJson([json]);
  const list = json.channels ?? json.items;
  if (!Array.isArray(list)) return undefined;
  const channels = list.filter(isRecord);
  return {
    channels: channels.map(channelFromJson),
    triggers: channels.flatMap(({ pattern, triggers }) =>
      Array.isArray(triggers) && triggers.length > 0 ? [String(pattern)] : [],
    ),
    ...(typeof json.enabled === 'boolean' ? { enabled: json.enabled } : {}),
    ...(typeof json.hash === 'string' ? { hash: json.hash } : {}),
  };
}

function channelFromJson(json: Record<string, unknown>): XanoChannel {
  const on = (key: string) => json[key] === true;
  return {
    pattern: String(json.pattern ?? ''),
    enabled: json.enabled !== false,
    description: String(json.description ?? ''),
    nested: on('wildcard'),
    anonymous: on('anonymous_clients'),
    presence: on('presence'),
    publicMessaging: on('client_public_messaging'),
    publicAuthOnly: on('client_public_messaging_authenticated_only'),
    authenticated: on('client_authenticated_messaging'),
    privateMessaging: on('client_private_messaging'),
    privateAuthOnly: on('client_private_messaging_authenticated_only'),
    history: Number(json.history ?? 0),
    unknown: Object.keys(json).filter((key) => !JSON_KNOWN.has(key) && !BOOKKEEPING.has(key)),
  };
}

function fromXanoScript(blocks: readonly XsBlock[]): XanoExport {
  const workspace = blocks.find(({ fields }) => isMap(fields.get('realtime')))?.fields.get('realtime');
  const hash = isMap(workspace) ? workspace.get('canonical') : undefined;
  return {
    channels: blocks.filter(({ kind }) => kind === 'realtime_channel').map(channelFromBlock),
    triggers: blocks
      .filter(({ kind }) => kind === 'realtime_trigger')
      .map(({ name, fields }) => `${name} on ${String(fields.get('channel') ?? '?')}`),
    ...(typeof hash === 'string' ? { hash } : {}),
  };
}

const XS_KEYS = new Set(['description', 'active', 'public_messaging', 'private_messaging', 'settings', 'tags']);
const XS_SETTINGS = new Set(['anonymous_clients', 'nested_channels', 'message_history', 'auth_channel', 'presence']);

/** The exporter leaves out `active` when it is true, and sub-switches whose parent is off. */
function channelFromBlock({ name, fields }: XsBlock): XanoChannel {
  const section = (key: string): XsObject => {
    const value = fields.get(key);
    return isMap(value) ? value : new Map();
  };
  const [settings, open, direct] = [section('settings'), section('public_messaging'), section('private_messaging')];
  return {
    pattern: name,
    enabled: fields.get('active') !== false,
    description: String(fields.get('description') ?? ''),
    nested: settings.get('nested_channels') === true,
    anonymous: settings.get('anonymous_clients') === true,
    presence: settings.get('presence') === true,
    publicMessaging: open.get('active') === true,
    publicAuthOnly: open.get('auth') === true,
    authenticated: settings.get('auth_channel') === true,
    privateMessaging: direct.get('active') === true,
    privateAuthOnly: direct.get('auth') === true,
    history: Number(settings.get('message_history') ?? 0),
    unknown: [
      ...[...fields.keys()].filter((key) => !XS_KEYS.has(key)),
      ...[...settings.keys()].filter((key) => !XS_SETTINGS.has(key)).map((key) => `settings.${key}`),
    ],
  };
}

function isMap(value: XsValue | undefined): value is XsObject {
  return value instanceof Map;
}
