import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NativeClient, type Said } from '../support/native-client.ts';
import { RunningServer } from '../support/server.ts';

/**
 * Each operation of the native wire, allowed and denied: by the rules alone, by the grants alone, and by both, where
 * either of them can say no.
 */
const KEYS = { subscribe: 'sub-operations', secret: 'sec-operations-0123456789abcdef0123456789' };
const ALL = '{ enabled: true, authenticatedOnly: false }';
const CHANNELS = `    channels:
      - { target: full/*, nested: true, presence: true, publicMessaging: ${ALL}, authenticatedMessaging: true, privateMessaging: ${ALL}, history: 10 }
      - { target: mute/*, nested: true }
`;

interface Operation {
  readonly name: string;
  readonly does: (client: NativeClient, channel: string, peer: NativeClient) => Promise<Said>;
  readonly answer: string;
  /** The code where the rule has no switch for it; `null`: the rule is not asked. */
  readonly byRule: string | null;
  /** The code where the grant has no bit for it; `null`: the grant that lets one join lets one do it. */
  readonly byGrant: string | null;
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'publish to everyone',
    does: (client, channel) => client.publish(channel, 1),
    answer: 'published',
    byRule: 'channel.public-messaging-off',
    byGrant: 'grant.missing-permission',
  },
  {
    name: 'publish to the authenticated',
    does: (client, channel) => client.publish(channel, 1, { to: 'authenticated' }),
    answer: 'published',
    byRule: 'channel.authenticated-messaging-off',
    byGrant: 'grant.missing-permission',
  },
  {
    name: 'publish to one connection',
    does: (client, channel, peer) => client.publish(channel, 1, { to: { session: peer.session } }),
    answer: 'published',
    byRule: 'channel.private-messaging-off',
    byGrant: 'grant.missing-permission',
  },
  {
    name: 'publish to one user',
    does: (client, channel) => client.publish(channel, 1, { to: { user: 'bo' } }),
    answer: 'published',
    byRule: 'channel.private-messaging-off',
    byGrant: 'grant.missing-permission',
  },
  {
    name: 'ask for the roster',
    does: (client, channel) => client.asked({ type: 'roster', channel }),
    answer: 'roster',
    byRule: 'channel.presence-off',
    byGrant: 'grant.not-covered',
  },
  {
    name: 'set the state',
    does: (client, channel) => client.asked({ type: 'state', channel, state: { mood: 'good' } }),
    answer: 'state',
    byRule: 'channel.presence-off',
    byGrant: null,
  },
  {
    name: 'ask for history',
    does: (client, channel) => client.asked({ type: 'history', channel }),
    answer: 'history',
    byRule: 'channel.history-off',
    byGrant: null,
  },
];

describe.each([
  ['rules', true, false],
  ['grants', false, true],
  ['both', true, true],
] as const)('with %s', (_, rules, grants) => {
  let server: RunningServer;
  const clients: NativeClient[] = [];
  const names = ['full/all', 'full/read', 'full/none', 'mute/all'];

  beforeAll(async () => {
    server = await RunningServer.start({
      access: `{ rules: ${rules ? 'on' : 'off'}, grants: ${grants ? 'on' : 'off'}, explainToClients: full }`,
      app: `    keys: { subscribe: ${KEYS.subscribe}, secret: ${KEYS.secret} }\n${CHANNELS}`,
    });
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server?.stop();
  });

  /** A proven user; with grants, one whose token covers `…/all` whole and `full/read` to read. */
  async function arrive(user: string): Promise<NativeClient> {
    const open = (token: string) => NativeClient.open({ port: server.port, key: KEYS.subscribe, token, user });
    const client = await (async () => {
      if (!grants) return open(await server.tokenFor(user));
      const whole = ['read', 'write'];
      const { token } = await server.must('POST', '/apps/test/grants', {
        ttl: 60,
        authorizedUser: user,
        resources: {
          channels: {
            'full/all': whole,
            'full/all-pnpres': ['read'],
            'mute/all': whole,
            'mute/all-pnpres': ['read'],
            'nowhere/all': whole,
            'full/read': ['read'],
          },
        },
      });
      return open(String(token));
    })();
    clients.push(client);
    return client;
  }

  it('join', async () => {
    const ada = await arrive('ada');
    const verdicts: [string, string | undefined][] = [];
    for (const name of [...names, 'nowhere/all']) verdicts.push([name, (await ada.join(name)).code]);
    expect(verdicts).toEqual([
      ['full/all', undefined],
      ['full/read', undefined],
      ['full/none', grants ? 'grant.not-covered' : undefined],
      ['mute/all', undefined],
      ['nowhere/all', rules ? 'channel.no-rule' : undefined],
    ]);
  });

  it.each(OPERATIONS)('$name', async ({ does, answer, byRule, byGrant }) => {
    const [ada, bo] = [await arrive('ada'), await arrive('bo')];
    for (const name of ['full/all', 'full/read', 'mute/all']) {
      await bo.join(name);
      await ada.join(name);
    }
    const say = async (name: string) => {
      const said = await does(ada, name, bo);
      return said.type === 'error' ? said.code : said.type;
    };
    expect(await say('full/all')).toBe(answer);
    expect(await say('full/read')).toBe(grants && byGrant !== null ? byGrant : answer);
    expect(await say('mute/all')).toBe(rules && byRule !== null ? byRule : answer);
  });

  it('nothing but history and rosters of what one may join is had without joining', async () => {
    const ada = await arrive('ada');
    expect((await ada.publish('full/all', 1)).code).toBe('channel.not-joined');
    expect((await ada.asked({ type: 'leave', channel: 'full/all' })).code).toBe('channel.not-joined');
    expect((await ada.asked({ type: 'history', channel: 'full/all' })).type).toBe('history');
  });

  it('another token is for the same user', async () => {
    const [ada, bo] = [await arrive('ada'), await server.tokenFor('bo')];
    expect((await ada.asked({ type: 'token', token: bo })).code).toBe('identity.user-mismatch');
    const swapped = await ada.asked({ type: 'token', token: await server.tokenFor('ada') });
    expect(swapped).toMatchObject({ type: 'token', expiresAt: expect.any(Number) });
    // A token without a grant is the proof of a user, and of nothing else.
    expect((await ada.join('full/all')).code).toBe(grants ? 'grant.none' : undefined);
  });
});
