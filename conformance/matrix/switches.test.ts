import { SETTINGS } from '@portcullis/engine/testing';
import {
  type AccessRequest,
  ANONYMOUS,
  type Audience,
  type Principal,
  type Rule,
  type SendTarget,
} from '@portcullis/policy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelDecide } from '../../packages/policy/src/reference-model/model.fixture.ts';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH, RunningServer } from '../support/server.ts';

/**
 * Every combination of the seven switches, with and without history, for both kinds of client and every kind of
 * message, through the door of a running server: what happens has to be what the reference model says.
 */
const SWITCHES = ['anonymous', 'presence', 'public', 'publicAuth', 'authenticated', 'private', 'privateAuth'] as const;

const RULES: Rule[] = Array.from({ length: 256 }, (_, bits) => {
  const on = (name: (typeof SWITCHES)[number]) => (bits & (1 << SWITCHES.indexOf(name))) !== 0;
  return {
    id: bits + 1,
    version: 1,
    target: `m/${bits}`,
    nested: false,
    enabled: true,
    description: '',
    anonymousClients: on('anonymous'),
    presence: on('presence'),
    publicMessaging: { enabled: on('public'), authenticatedOnly: on('publicAuth') },
    authenticatedMessaging: on('authenticated'),
    privateMessaging: { enabled: on('private'), authenticatedOnly: on('privateAuth') },
    history: bits & 128 ? 100 : 0,
    origin: 'file',
  };
});

interface Person {
  readonly name: string;
  readonly principal: Principal;
  readonly client: RawClient;
  /** Channels it was admitted to, with its session id there. */
  readonly joined: Map<string, string>;
}

let server: RunningServer;
const people: Person[] = [];
const source = { app: 'test', epoch: 1, settings: SETTINGS, rules: RULES, revocations: [], bans: [] };

beforeAll(async () => {
  server = await RunningServer.start({ app: `    channels:\n${RULES.map(ruleYaml).join('')}` });
  for (const name of ['guest', 'visitor']) people.push(await arrive(name, ANONYMOUS));
  for (const user of ['ada', 'bo']) people.push(await arrive(user, userOf(user), await server.tokenFor(user)));
});

afterAll(async () => {
  for (const { client } of people) client.destroy();
  await server?.stop();
});

it('2⁷ switches × history off and on × client kinds × message kinds through the door equal the reference model', async () => {
  for (const rule of RULES) await joinAll(rule);
  const expected = new Map<Person, string[]>(people.map((person) => [person, []]));
  const refusals = new Map<Person, string[]>(people.map((person) => [person, []]));
  const kept = new Map<string, { readonly text: string; readonly audience: Audience }[]>();
  let sends = 0;
  for (const rule of RULES) {
    for (const sender of people) {
      for (const [target, options] of targetsOf(sender, rule)) {
        sends += 1;
        const text = `${sender.name}>${JSON.stringify(options)}@${rule.target}`;
        sender.client.message(rule.target, text, options);
        predict({ rule, sender, target, text, expected, refusals, kept });
      }
    }
  }
  expect(sends).toBe(256 * 4 * 6);
  await quiet();
  for (const person of people) {
    const got = person.client.frames.filter(({ action }) => action === 'message').map(({ payload }) => String(payload));
    expect(got.sort()).toEqual(expected.get(person)?.sort());
    const errors = person.client.frames.filter((frame) => frame.action === 'error' && frame.options?.channel).map(said);
    const joins = RULES.flatMap((rule) => codes(ask(person, rule, 'join')).map((code) => `${rule.target} ${code}`));
    expect(errors.sort()).toEqual([...joins, ...(refusals.get(person) ?? [])].sort());
  }
  await askHistories(kept);
});

async function joinAll(rule: Rule): Promise<void> {
  for (const person of people) {
    const answer = await person.client.join(rule.target, { presence: true });
    const verdict = modelDecide(source, ask(person, rule, 'join'));
    expect([rule.target, person.name, answer.action]).toEqual([
      rule.target,
      person.name,
      verdict.allowed ? 'join' : 'error',
    ]);
    if (answer.action === 'join') person.joined.set(rule.target, answer.client?.socketId ?? '');
  }
  for (const person of people) {
    if (!person.joined.has(rule.target)) continue;
    const sees = modelDecide(source, { ...ask(person, rule, 'roster'), joined: true }).allowed;
    if (sees) {
      const roster = await person.client.until((frame) => isFor(frame, 'presence_full', rule.target));
      const { presence } = roster.payload as { presence: { socketId: string }[] };
      expect(presence.some(({ socketId }) => socketId === person.joined.get(rule.target))).toBe(true);
    } else {
      expect(person.client.frames.some((frame) => isFor(frame, 'presence_full', rule.target))).toBe(false);
    }
  }
}

interface Sending {
  readonly rule: Rule;
  readonly sender: Person;
  readonly target: SendTarget;
  readonly text: string;
  readonly expected: Map<Person, string[]>;
  readonly refusals: Map<Person, string[]>;
  readonly kept: Map<string, { readonly text: string; readonly audience: Audience }[]>;
}

function predict({ rule, sender, target, text, expected, refusals, kept }: Sending): void {
  const joined = sender.joined.has(rule.target);
  const peer =
    target.to === 'session' ? people.find((person) => sessionOf(person, rule) === target.session) : undefined;
  const standing = {
    joined: peer?.joined.has(rule.target) ?? false,
    authenticated: peer?.principal.kind === 'user' && peer.joined.has(rule.target),
    self: peer === sender && joined,
  };
  const verdict = modelDecide(source, {
    ...ask(sender, rule, 'publish'),
    joined,
    target,
    ...(target.to === 'session' ? { peer: standing } : {}),
  });
  if (!verdict.allowed) {
    refusals.get(sender)?.push(`${rule.target} ${verdict.code}`);
    return;
  }
  const audience = audienceOf(verdict.target ?? target, rule, sender, peer);
  if (audience.to === 'everyone' || audience.to === 'authenticated') {
    kept.set(rule.target, [...(kept.get(rule.target) ?? []), { text, audience }]);
  }
  for (const receiver of people) {
    if (!receiver.joined.has(rule.target)) continue;
    const session = receiver.joined.get(rule.target) ?? '';
    const heard = modelDecide(source, { ...ask(receiver, rule, 'receive'), joined: true, audience, session });
    if (heard.allowed) expected.get(receiver)?.push(text);
  }
}

function audienceOf(target: SendTarget, rule: Rule, sender: Person, peer: Person | undefined): Audience {
  if (target.to === 'everyone') return { to: 'everyone', anonymous: rule.anonymousClients };
  if (target.to !== 'session') return { to: 'authenticated' };
  const [from, to] = [sender.principal, peer?.principal];
  const pair = from.kind === 'user' && to?.kind === 'user' ? { pair: [from.user, to.user] as const } : {};
  return { to: 'session', session: target.session, from: sessionOf(sender, rule), ...pair };
}

/** Public, authenticated, and private to each of the others and to oneself. */
function targetsOf(sender: Person, rule: Rule): [SendTarget, object][] {
  const others = people.filter((person) => person !== sender);
  return [
    [{ to: 'everyone' }, {}],
    [{ to: 'authenticated' }, { authenticated: true }],
    ...[...others, sender].map((person): [SendTarget, object] => {
      const session = sessionOf(person, rule);
      return [{ to: 'session', session }, { socketId: session }];
    }),
  ];
}

async function askHistories(
  kept: ReadonlyMap<string, readonly { readonly text: string; readonly audience: Audience }[]>,
): Promise<void> {
  for (const person of people) {
    for (const rule of RULES) {
      const from = person.client.frames.length;
      person.client.send({ action: 'history', options: { channel: rule.target }, payload: null });
      const answer = await person.client.until(
        ({ action, options }) => (action === 'history' || action === 'error') && options?.channel === rule.target,
        from,
      );
      const verdict = modelDecide(source, ask(person, rule, 'history'));
      if (!verdict.allowed) {
        expect(said(answer)).toBe(`${rule.target} ${verdict.code}`);
        continue;
      }
      const visible = (kept.get(rule.target) ?? []).filter(
        ({ audience }) => modelDecide(source, { ...ask(person, rule, 'history.item'), audience }).allowed,
      );
      const { history } = answer.payload as { history: Frame[] };
      expect(history.map(({ payload }) => payload).sort()).toEqual(visible.map(({ text }) => text).sort());
    }
  }
}

function ask(person: Person, rule: Rule, operation: AccessRequest['operation']): AccessRequest {
  return { operation, principal: person.principal, now: Date.now(), name: rule.target };
}

function codes(request: AccessRequest): string[] {
  const verdict = modelDecide(source, request);
  return verdict.allowed || verdict.code === undefined ? [] : [verdict.code];
}

function said(frame: Frame): string {
  return `${frame.options?.channel} ${(frame.payload as { code: string }).code}`;
}

function isFor(frame: Frame, action: string, channel: string): boolean {
  return frame.action === action && frame.options?.channel === channel;
}

/** Whoever is not joined has a session all the same: a name that nobody in this channel goes by. */
function sessionOf(person: Person, rule: Rule): string {
  return person.joined.get(rule.target) ?? `absent-${person.name}`;
}

async function arrive(name: string, principal: Principal, token?: string): Promise<Person> {
  const client = await RawClient.open({ port: server.port, hash: HASH, ...(token === undefined ? {} : { token }) });
  return { name, principal, client, joined: new Map() };
}

/** Every frame sent has been handled and answered: each socket asks for something that is refused, and waits for it. */
async function quiet(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const { client } of people) {
      const from = client.frames.length;
      client.send({ action: 'nonsense', options: {}, payload: null });
      await client.until((frame) => frame.action === 'error' && frame.options?.channel === undefined, from);
    }
  }
}

function userOf(user: string): Principal {
  return { kind: 'user', user, table: 1, row: user, extras: {}, credentials: [] };
}

function ruleYaml(rule: Rule): string {
  const messaging = ({ enabled, authenticatedOnly }: Rule['publicMessaging']) =>
    `{ enabled: ${enabled}, authenticatedOnly: ${authenticatedOnly} }`;
  return `      - { target: ${rule.target}, anonymousClients: ${rule.anonymousClients}, presence: ${rule.presence}, publicMessaging: ${messaging(rule.publicMessaging)}, authenticatedMessaging: ${rule.authenticatedMessaging}, privateMessaging: ${messaging(rule.privateMessaging)}, history: ${rule.history} }\n`;
}
