import { BIT, type GrantSpec, mintGrant } from '@portcullis/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Responded, respond } from '../../gateways/src/pubnub/http/respond.fixture.ts';
import { signingSecrets } from './config/index.ts';
import { hs256 } from './identity/tokens.fixture.ts';
import { type InProcess, inProcess } from './in-process.fixture.ts';
import { ADMIN_TOKEN, APP_SECRET, JWT_SECRET } from './serve.fixture.ts';

const OTHER_SECRET = 'another-secret-of-the-tests-0123456789ab';
const APPS = `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN_TOKEN}, log: debug }
data: ":memory:"
apps:
  - id: one
    keys: { publish: pub-one, subscribe: sub-one, secret: ${APP_SECRET} }
    access: { rules: off, grants: on, explainToClients: full }
    identity: { jwt: [ { alg: HS256, secret: ${JWT_SECRET} } ] }
  - id: two
    keys: { publish: pub-two, subscribe: sub-two, secret: ${OTHER_SECRET} }
    access: { rules: off, grants: on, explainToClients: full }
  - id: hashed
    connectionHash: no-pubnub-here
    access: { rules: on, grants: off }
`;

let server: InProcess;
let nonce = 0;
beforeAll(async () => {
  server = await inProcess(APPS);
});
afterAll(() => server.parts.pubnub.close());

const SPEC: GrantSpec = {
  ttl: 60,
  authorizedUser: 'ann',
  resources: { channels: new Map([['room', BIT.read | BIT.write]]) },
};

function mint(app: string, more: Partial<GrantSpec> = {}, now = Date.now() - 1_000): string {
  const [secret] = signingSecrets(server.parts.apps.get(app).config);
  if (secret === undefined) throw new Error('no secret');
  nonce += 1;
  const minted = mintGrant({ ...SPEC, ...more }, { app, secret, now, nonce: `${nonce}`.padStart(22, '0') });
  if (!minted.ok) throw new Error(JSON.stringify(minted.problems));
  return minted.token;
}

const publish = (query: string, app = 'one'): Promise<Responded> =>
  respond(server.parts.pubnub, 'GET', `/publish/pub-${app}/sub-${app}/0/room/0/1?${query}`);
const by = (user: string, token: string) => `uuid=${user}&auth=${encodeURIComponent(token)}`;
const codeOf = ({ headers }: Responded) => headers.get('x-portcullis-code');
const claims = (more: object = {}) => {
  const now = Math.floor(Date.now() / 1_000);
  return { sub: 'ann', iat: now - 10, exp: now + 3_600, grant: mint('one'), ...more };
};
const jwt = (more: object = {}) => hs256(claims(more), JWT_SECRET);

describe.each([
  ['a permission token', () => mint('one')],
  ['a JWT that carries one', () => jwt()],
])('%s', (_, make) => {
  it('is refused wherever it is cut or altered', async () => {
    const token = make();
    expect((await publish(by('ann', token))).status).toBe(200);
    for (let at = 0; at < token.length; at++) {
      const cut = await publish(by('ann', token.slice(0, at)));
      expect(cut.status, `cut at ${at}`).toBe(403);
      for (const other of ['A', 'B', '_', '=', '.', ' ']) {
        if (token[at] === other) continue;
        const altered = await publish(by('ann', `${token.slice(0, at)}${other}${token.slice(at + 1)}`));
        expect(altered.status, `${other} at ${at}`).toBe(403);
        expect(codeOf(altered)).toMatch(/^identity\.(?:malformed|bad-signature)$/);
      }
    }
  });

  it('admits its user alone, however warm it is', async () => {
    const token = make();
    const auth = `auth=${encodeURIComponent(token)}`;
    for (let warm = 0; warm < 3; warm++) expect((await publish(by('ann', token))).status).toBe(200);
    /** [what, query, code] */
    const others: readonly (readonly [string, string, RegExp])[] = [
      ['another user', by('bob', token), /^identity\.user-mismatch$/],
      ['another case', by('Ann', token), /^identity\.user-mismatch$/],
      ['a longer id', by('ann%20', token), /^identity\.user-mismatch$/],
      ['an id with a null', by('ann%00', token), /^request\.malformed$/],
      ['an empty id', by('', token), /^request\.malformed$/],
      ['the id twice', `uuid=ann&uuid=ann&${auth}`, /^request\.malformed$/],
      ['two ids', `uuid=ann&uuid=bob&${auth}`, /^request\.malformed$/],
      ['an id under two spellings of its name', `uuid=ann&%75uid=bob&${auth}`, /^request\.malformed$/],
      ['the token twice', `uuid=ann&${auth}&${auth}`, /^request\.malformed$/],
      ['two tokens', `uuid=ann&${auth}&auth=x`, /^request\.malformed$/],
      ['a space after it', by('ann', `${token} `), /^identity\.malformed$/],
      ['a line end after it', by('ann', `${token}\n`), /^identity\.malformed$/],
      ['a padding too many', by('ann', `${token}=`), /^identity\.(?:malformed|bad-signature)$/],
      ['no token', 'uuid=ann', /^grant\.none$/],
      ['an empty token', 'uuid=ann&auth=', /^grant\.none$/],
      ['its name in capitals', `uuid=ann&AUTH=${encodeURIComponent(token)}`, /^grant\.none$/],
    ];
    for (const [what, query, code] of others) {
      const answer = await publish(query);
      expect(answer.status, what).toBeGreaterThanOrEqual(400);
      expect(codeOf(answer), what).toMatch(code);
    }
    expect((await publish(by('ann', token))).status).toBe(200);
  });

  it('is of no use in another app', async () => {
    const token = make();
    expect((await publish(by('ann', token))).status).toBe(200);
    const answer = await publish(by('ann', token), 'two');
    expect(answer.status).toBe(403);
    expect(codeOf(answer)).toBe('identity.bad-signature');
    expect(answer.json).toMatchObject({
      message: 'Token is not signed for this subscribe key',
      service: 'Access Manager',
    });
  });
});

describe('respelt tokens', () => {
  it('no other base64 of a permission token passes', async () => {
    const unpadded = () => {
      for (let n = 0; ; n++) {
        const token = mint('one', { meta: { n: 'x'.repeat(n % 4) } });
        if (token.endsWith('=') && /[-_]/.test(token)) return token;
      }
    };
    const token = unpadded();
    expect((await publish(by('ann', token))).status).toBe(200);
    const bare = token.replace(/=+$/, '');
    const last = bare.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const next = alphabet[alphabet.indexOf(last) + 1] ?? 'A';
    for (const other of [
      bare,
      token.replaceAll('-', '+').replaceAll('_', '/'),
      token.replaceAll('=', '%3D'),
      token.replaceAll('=', '.'),
      `${token.slice(0, 10)}\n${token.slice(10)}`,
      bare.slice(0, -1) + next + token.slice(bare.length),
    ]) {
      expect((await publish(by('ann', other))).status, other).toBe(403);
    }
  });

  it('percent-encoding is spelling of the address, not of the token', async () => {
    const token = mint('one');
    const encoded = [...token].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
    expect((await publish(`uuid=%61nn&auth=${encoded}`)).status).toBe(200);
    expect((await publish(`uuid=ann&auth=${encodeURIComponent(encoded)}`)).status).toBe(403);
  });

  it('no other signature part of a JWT passes', async () => {
    const token = jwt();
    const [head = '', body = '', signature = ''] = token.split('.');
    for (const other of [
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}.${body}.${signature}=`,
      `${head}.${body}.${signature}.`,
      `.${body}.${signature}`,
    ]) {
      const answer = await publish(by('ann', other));
      expect(answer.status, other).toBe(403);
    }
    const none = hs256(claims(), JWT_SECRET, { alg: 'none' });
    expect((await publish(by('ann', none))).status).toBe(403);
  });
});

describe('what has ended', () => {
  it('an expired copy of a token in use is expired', async () => {
    expect((await publish(by('ann', mint('one')))).status).toBe(200);
    const answer = await publish(by('ann', mint('one', { ttl: 1 }, Date.now() - 61_000)));
    expect(answer.json).toEqual({
      message: 'Token is expired.',
      error: true,
      service: 'Access Manager',
      status: 403,
      code: 'identity.expired',
    });
    const late = Math.floor(Date.now() / 1_000) - 60;
    expect((await publish(by('ann', jwt({ exp: late })))).json).toMatchObject({ message: 'Token is expired.' });
  });

  it('a JWT whose grant has ended, or is another’s, is refused whole', async () => {
    const ended = mint('one', { ttl: 1 }, Date.now() - 61_000);
    expect(codeOf(await publish(by('ann', jwt({ grant: ended }))))).toBe('identity.expired');
    expect(codeOf(await publish(by('ann', jwt({ grant: mint('one', { authorizedUser: 'bob' }) }))))).toBe(
      'identity.user-mismatch',
    );
    expect(codeOf(await publish(by('ann', jwt({ grant: mint('two') }))))).toBe('identity.bad-signature');
  });

  it('a token that was revoked by the management API is revoked here, and one of another user is not', async () => {
    const [mine, other] = [mint('one'), mint('one', { authorizedUser: 'bob' })];
    expect((await publish(by('ann', mine))).status).toBe(200);
    const revoked = await server.admin('POST', '/apps/one/revocations', { token: mine, reason: 'test' });
    expect(revoked.status).toBe(201);
    expect((await publish(by('ann', mine))).json).toMatchObject({ message: 'Token is revoked', status: 403 });
    expect((await publish(by('bob', other))).status).toBe(200);
  });

  it('a banned user is banned whoever says to be it', async () => {
    await server.admin('POST', '/apps/one/bans', { user: 'mallory', reason: 'test' });
    for (const query of ['uuid=mallory', by('mallory', mint('one', { authorizedUser: 'mallory' }))]) {
      expect(codeOf(await publish(query))).toBe('identity.banned');
    }
  });
});

describe('what is served', () => {
  it('is apps with a subscribe key alone', async () => {
    for (const key of ['no-pubnub-here', 'hashed', 'undefined', '', 'sub-one%20', 'SUB-ONE']) {
      const answer = await respond(server.parts.pubnub, 'GET', `/v2/history/sub-key/${key}/channel/room`);
      expect(answer.status, key).toBe(400);
    }
    expect(codeOf(await respond(server.parts.pubnub, 'GET', '/publish/pub-two/sub-one/0/room/0/1'))).toBe(
      'app.unknown-key',
    );
  });

  it('keeps tokens and signatures out of the log', async () => {
    const token = mint('one');
    await publish(by('bob', token));
    await publish(`${by('ann', token)}&timestamp=1&signature=v2.secret-signature`);
    const log = server.lines.join('\n');
    for (const secret of [token, encodeURIComponent(token), 'v2.secret-signature', APP_SECRET])
      expect(log).not.toContain(secret);
  });
});
