import { SETTINGS } from '@portcullis/engine/testing';
import {
  type AccessRequest,
  ANONYMOUS,
  type Audience,
  type Principal,
  type Rule,
  type SendTarget,
} from '@portcullis/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelDecide } from '../../packages/policy/src/reference-model/model.fixture.ts';
import { RunningServer } from '../support/server.ts';
import { DOORS, type Door, type Entrant, KEY } from './doors.fixture.ts';

/**
 * Every combination of the seven switches, with and without history, for both kinds of client and every kind of
 * message, through the doors of a running server that can express them: what happens has to be what the reference model says.
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
  readonly client: Entrant;
  /** Channels it was admitted to, with its session id there. */
  readonly joined: Map<string, string>;
}

const source = { app: 'test', epoch: 1, settings: SETTINGS, rules: RULES, revocations: [], bans: [] };

/** Two kinds of client, two of each. */
class Hall {
  readonly server: RunningServer;
  readonly door: Door;
  readonly people: readonly Person[];

  private constructor(server: RunningServer, door: Door, people: readonly Person[]) {
    this.server = server;
    this.door = door;
    this.people = people;
  }

  static async open(door: Door): Promise<Hall> {
    const server = await RunningServer.start({
      access: '{ rules: on, grants: off, explainToClients: full }',
      app: `    keys: { subscribe: ${KEY} }\n    channels:\n${RULES.map(ruleYaml).join('')}`,
    });
    const people: Person[] = [];
    const arrive = async (name: string, principal: Principal, token?: string) =>
      people.push({ name, principal, client: await door.arrive(server.port, token), joined: new Map() });
    for (const name of ['guest', 'visitor']) await arrive(name, ANONYMOUS);
    for (const user of ['ada', 'bo']) await arrive(user, userOf(user), await server.tokenFor(user));
    return new Hall(server, door, people);
  }

  async close(): Promise<void> {
    for (const { client } of this.people) client.destroy();
    await this.server.stop();
  }

  /** Every frame sent has been handled and answered. */
  async quiet(): Promise<void> {
    for (let round = 0; round < 2; round += 1) for (const { client } of this.people) await client.quiet();
  }
}

describe.each(DOORS.map((door) => [door.name, door] as const))('through the %s door', (_, door) => {
  let hall: Hall;
  beforeAll(async () => {
    hall = await Hall.open(door);
  });
  afterAll(() => hall?.close());

  it('2⁷ switches × history off and on × client kinds × message kinds equal the reference model', async () => {
    const { people } = hall;
    for (const rule of RULES) await joinAll(people, rule);
    const expected = new Map<Person, string[]>(people.map((person) => [person, []]));
    const refusals = new Map<Person, string[]>(people.map((person) => [person, []]));
    const kept = new Map<string, { readonly text: string; readonly audience: Audience }[]>();
    let sends = 0;
    for (const rule of RULES) {
      for (const sender of people) {
        for (const target of targetsOf(hall, sender, rule)) {
          sends += 1;
          const text = `${sender.name}>${JSON.stringify(target)}@${rule.target}`;
          sender.client.say(rule.target, text, target);
          predict({ people, rule, sender, target, text, expected, refusals, kept });
        }
      }
      // A connection whose commands wait is not read: what it may owe is bounded.
      if (rule.id % 16 === 0) await hall.quiet();
    }
    expect(sends).toBe(256 * 4 * (door.sendsToUsers ? 8 : 6));
    await hall.quiet();
    for (const person of people) {
      expect([...person.client.heard].sort()).toEqual(expected.get(person)?.sort());
      const joins = RULES.flatMap((rule) => codes(ask(person, rule, 'join')).map((code) => `${rule.target} ${code}`));
      expect([...person.client.refused].sort()).toEqual([...joins, ...(refusals.get(person) ?? [])].sort());
    }
    await askHistories(people, kept);
  });
});

async function joinAll(people: readonly Person[], rule: Rule): Promise<void> {
  for (const person of people) {
    const answer = await person.client.join(rule.target);
    const verdict = modelDecide(source, ask(person, rule, 'join'));
    expect([rule.target, person.name, 'session' in answer]).toEqual([rule.target, person.name, verdict.allowed]);
    if ('session' in answer) person.joined.set(rule.target, answer.session);
  }
  for (const person of people) {
    if (!person.joined.has(rule.target)) continue;
    const sees = modelDecide(source, { ...ask(person, rule, 'roster'), joined: true }).allowed;
    if (sees) expect(await person.client.roster(rule.target)).toContain(person.joined.get(rule.target));
    else expect(person.client.hasRoster(rule.target)).toBe(false);
  }
}

interface Sending {
  readonly people: readonly Person[];
  readonly rule: Rule;
  readonly sender: Person;
  readonly target: SendTarget;
  readonly text: string;
  readonly expected: Map<Person, string[]>;
  readonly refusals: Map<Person, string[]>;
  readonly kept: Map<string, { readonly text: string; readonly audience: Audience }[]>;
}

function predict({ people, rule, sender, target, text, expected, refusals, kept }: Sending): void {
  const joined = sender.joined.has(rule.target);
  const peer =
    target.to === 'session'
      ? people.find((person) => sessionOf(person, rule) === target.session)
      : people.find(({ principal }) => target.to === 'user' && isUser(principal, target.user));
  const standing = {
    joined: peer?.joined.has(rule.target) ?? false,
    authenticated: peer?.principal.kind === 'user' && peer.joined.has(rule.target),
    self: peer === sender && (joined || target.to === 'user'),
  };
  const verdict = modelDecide(source, {
    ...ask(sender, rule, 'publish'),
    joined,
    target,
    ...(target.to === 'session' || target.to === 'user' ? { peer: standing } : {}),
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
  if (target.to === 'authenticated') return target;
  if (target.to === 'user') {
    return sender.principal.kind === 'user' ? { ...target, from: sender.principal.user } : target;
  }
  const [from, to] = [sender.principal, peer?.principal];
  const pair = from.kind === 'user' && to?.kind === 'user' ? { pair: [from.user, to.user] as const } : {};
  return { to: 'session', session: target.session, from: sessionOf(sender, rule), ...pair };
}

/** Public, authenticated, private to each of the others and to oneself, and to each user. */
function targetsOf({ people, door }: Hall, sender: Person, rule: Rule): SendTarget[] {
  const others = people.filter((person) => person !== sender);
  return [
    { to: 'everyone' },
    { to: 'authenticated' },
    ...[...others, sender].map((person): SendTarget => ({ to: 'session', session: sessionOf(person, rule) })),
    ...(door.sendsToUsers ? ['ada', 'bo'] : []).map((user): SendTarget => ({ to: 'user', user })),
  ];
}

async function askHistories(
  people: readonly Person[],
  kept: ReadonlyMap<string, readonly { readonly text: string; readonly audience: Audience }[]>,
): Promise<void> {
  for (const person of people) {
    for (const rule of RULES) {
      const answer = await person.client.history(rule.target);
      const verdict = modelDecide(source, ask(person, rule, 'history'));
      if (!verdict.allowed) {
        expect([rule.target, answer]).toEqual([rule.target, { code: verdict.code }]);
        continue;
      }
      const visible = (kept.get(rule.target) ?? []).filter(
        ({ audience }) => modelDecide(source, { ...ask(person, rule, 'history.item'), audience }).allowed,
      );
      expect([...(answer as readonly string[])].sort()).toEqual(visible.map(({ text }) => text).sort());
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

/** Whoever is not joined has a session all the same: a name that nobody in this channel goes by. */
function sessionOf(person: Person, rule: Rule): string {
  return person.joined.get(rule.target) ?? `absent-${person.name}`;
}

function isUser(principal: Principal, user: string): boolean {
  return principal.kind === 'user' && principal.user === user;
}

function userOf(user: string): Principal {
  return { kind: 'user', user, table: 1, row: user, extras: {}, credentials: [] };
}

function ruleYaml(rule: Rule): string {
  const messaging = ({ enabled, authenticatedOnly }: Rule['publicMessaging']) =>
    `{ enabled: ${enabled}, authenticatedOnly: ${authenticatedOnly} }`;
  return `      - { target: ${rule.target}, anonymousClients: ${rule.anonymousClients}, presence: ${rule.presence}, publicMessaging: ${messaging(rule.publicMessaging)}, authenticatedMessaging: ${rule.authenticatedMessaging}, privateMessaging: ${messaging(rule.privateMessaging)}, history: ${rule.history} }\n`;
}
