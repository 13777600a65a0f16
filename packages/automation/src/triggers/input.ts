import type { MessageCall, TriggerCall } from '@portcullis/engine';
import type { Json, SendTarget } from '@portcullis/policy';
import { type InputPrincipal, shownPrincipal, textOfPrincipal } from './input-principal.ts';

/** The one input of all steps. Its fields are always whole, so that a condition never meets one that is missing. */
export interface TriggerInput {
  readonly action: TriggerCall['action'];
  readonly channel: string;
  /** What the stars of the target stand for. */
  readonly params: readonly string[];
  readonly principal: InputPrincipal;
  readonly options: InputOptions;
  /** Of a message: what is sent, as the steps before left it. Of a join: `{ presence, history }`. */
  payload: Json;
  /** ms since 1970. */
  readonly at: number;
}

export interface InputOptions {
  readonly kind: 'join' | MessageCall['kind'];
  readonly to: '' | SendTarget['to'];
  readonly authenticated: boolean;
  readonly session: string;
  readonly user: string;
  readonly fire: boolean;
  readonly store: boolean;
  readonly meta: Json;
  readonly customType: string;
  readonly presence: boolean;
  readonly history: boolean;
}

/** `params`: what the stars of the trigger's channel stand for. */
export function inputOf(call: TriggerCall, params: (channel: string) => readonly string[]): CallInput {
  return new CallInput(call, params);
}

/** The input of one call. Most steps ask for little of it: each field is put together when it is asked for. */
export class CallInput implements TriggerInput {
  readonly action: TriggerCall['action'];
  readonly channel: string;
  readonly at: number;
  readonly #call: TriggerCall;
  readonly #paramsOf: (channel: string) => readonly string[];
  #params: readonly string[] | undefined;
  #options: InputOptions | undefined;
  /** As it was sent; `undefined`: nobody has looked at it yet. */
  #sent: Json | undefined;
  #payload: Json | undefined;

  constructor(call: TriggerCall, paramsOf: (channel: string) => readonly string[]) {
    this.action = call.action;
    this.channel = call.channel;
    this.at = call.at;
    this.#call = call;
    this.#paramsOf = paramsOf;
  }

  get params(): readonly string[] {
    this.#params ??= this.#paramsOf(this.channel);
    return this.#params;
  }

  get principal(): InputPrincipal {
    return shownPrincipal(this.#call.principal);
  }

  get options(): InputOptions {
    this.#options ??= optionsOf(this.#call);
    return this.#options;
  }

  get payload(): Json {
    if (this.#payload === undefined) this.#payload = this.#original();
    return this.#payload;
  }

  set payload(payload: Json) {
    this.#payload = payload;
  }

  /** JSON text of the payload, where the steps left another than was sent; otherwise `null`. */
  get changed(): string | null {
    if (this.#payload === undefined || this.action === 'join' || this.#payload === this.#original()) return null;
    return JSON.stringify(this.#payload);
  }

  #original(): Json {
    if (this.#sent === undefined) this.#sent = sentIn(this.#call);
    return this.#sent;
  }

  /** As JSON text, of which that of a principal is made once. */
  get text(): string {
    const { action, channel, params, options, payload, at } = this;
    const head = JSON.stringify({ action, channel, params }).slice(0, -1);
    const tail = JSON.stringify({ options, payload, at }).slice(1);
    return `${head},"principal":${textOfPrincipal(this.#call.principal)},${tail}`;
  }

  /** Whole, and in the order in which it is documented. */
  toJSON(): TriggerInput {
    const { action, channel, params, principal, options, payload, at } = this;
    return { action, channel, params, principal, options, payload, at };
  }
}

function sentIn(call: TriggerCall): Json {
  return call.action === 'join' ? { ...call.options } : (JSON.parse(call.data) as Json);
}

function optionsOf(call: TriggerCall): InputOptions {
  if (call.action === 'join') return { ...JOIN, ...call.options };
  const { target } = call;
  return {
    kind: call.kind,
    to: target.to,
    authenticated: target.to === 'authenticated',
    session: target.to === 'session' ? target.session : '',
    user: target.to === 'user' ? target.user : '',
    fire: call.fire,
    store: call.store,
    meta: call.meta === undefined ? null : (JSON.parse(call.meta) as Json),
    customType: call.customType ?? '',
    presence: false,
    history: false,
  };
}

const JOIN: InputOptions = {
  kind: 'join',
  to: '',
  authenticated: false,
  session: '',
  user: '',
  fire: false,
  store: false,
  meta: null,
  customType: '',
  presence: false,
  history: false,
};

/** What conditions may name, and the fields they may ask of it. */
export const INPUT_NAMES: ReadonlyMap<string, ReadonlySet<string> | null> = new Map<string, ReadonlySet<string> | null>(
  [
    ['action', null],
    ['channel', null],
    ['params', null],
    ['principal', new Set(['kind', 'user', 'claimedUser', 'dbo', 'row', 'extras', 'grant'])],
    ['options', new Set(Object.keys(JOIN))],
    ['payload', null],
    ['at', null],
  ],
);
