import {
  type AccessRequest,
  BIT,
  credentialOf,
  type Grant,
  type GrantSection,
  mintGrant,
  OPERATIONS,
  type Operation,
  operationRow,
  PERMISSIONS,
  type Principal,
  verifyGrant,
} from '@portcullis/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readQuery } from '../../gateways/src/pubnub/http/query.ts';
import { respond } from '../../gateways/src/pubnub/http/respond.fixture.ts';
import { canonicalQuery } from '../../gateways/src/pubnub/signature/canonical-query.ts';
import { signV2 } from '../../gateways/src/pubnub/signature/sign.ts';
import { type ModelAnswer, modelDecide } from '../../policy/src/reference-model/model.fixture.ts';
import { signingSecrets } from './config/index.ts';
import { type InProcess, inProcess } from './in-process.fixture.ts';
import { ADMIN_TOKEN, APP_SECRET } from './serve.fixture.ts';

const APP = `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN_TOKEN}, log: error }
data: ":memory:"
apps:
  - id: pn
    keys: { publish: pub-pn, subscribe: sub-pn, secret: ${APP_SECRET} }
    access: { rules: off, grants: on, explainToClients: full }
`;

/** How an operation is asked for over this wire, and every question it means. `{message}` is a stored message's timetoken. */
interface Row {
  readonly operation: Operation;
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly target: string;
  readonly body?: string;
  readonly name?: string;
  /** What else is asked along with it, and granted in full beside what is varied. */
  readonly also?: {
    readonly operation: Operation;
    readonly section: GrantSection;
    readonly name: string;
    readonly bit: number;
  };
}

const P = '/v2/presence/sub-key/sub-pn';
const G = '/v1/channel-registration/sub-key/sub-pn/channel-group';
const O = '/v2/objects/sub-pn';
const F = '/v1/files/sub-pn/channels/room-1';
/** A file that is not there: who may not ask is told that, and nothing of the file. */
const FILE = '0b2f6f7e-0000-4000-8000-000000000000/f.txt';
const PUBLISHED_FILE = encodeURIComponent('{"file":{"id":"0b2f6f7e-0000-4000-8000-000000000000","name":"f.txt"}}');
const A = '/v1/message-actions/sub-pn/channel/room-1';
const ROWS: readonly Row[] = [
  { operation: 'time', target: '/time/0' },
  { operation: 'publish', target: '/publish/pub-pn/sub-pn/0/room-1/0/1', name: 'room-1' },
  { operation: 'publish', method: 'POST', target: '/publish/pub-pn/sub-pn/0/room-1/0', body: '1', name: 'room-1' },
  { operation: 'fire', target: '/publish/pub-pn/sub-pn/0/room-1/0/1?store=0&norep=true', name: 'room-1' },
  { operation: 'signal', target: '/signal/pub-pn/sub-pn/0/room-1/0/1', name: 'room-1' },
  { operation: 'subscribe', target: '/v2/subscribe/sub-pn/room-1/0', name: 'room-1' },
  { operation: 'subscribe.presence', target: '/v2/subscribe/sub-pn/room-1-pnpres/0', name: 'room-1-pnpres' },
  { operation: 'subscribe.wildcard', target: '/v2/subscribe/sub-pn/room.%2A/0', name: 'room.*' },
  { operation: 'subscribe.group', target: '/v2/subscribe/sub-pn/,/0?channel-group=crew', name: 'crew' },
  { operation: 'heartbeat', target: `${P}/channel/room-1/heartbeat?heartbeat=300`, name: 'room-1' },
  { operation: 'leave', target: `${P}/channel/room-1/leave`, name: 'room-1' },
  { operation: 'here-now', target: `${P}/channel/room-1`, name: 'room-1' },
  { operation: 'here-now.global', target: P },
  { operation: 'where-now', target: `${P}/uuid/ann`, name: 'ann' },
  { operation: 'state.get', target: `${P}/channel/room-1/uuid/ann`, name: 'room-1' },
  { operation: 'state.set', target: `${P}/channel/room-1/uuid/ann/data?state=%7B%7D`, name: 'room-1' },
  { operation: 'history', target: '/v2/history/sub-key/sub-pn/channel/room-1', name: 'room-1' },
  { operation: 'history', target: '/v3/history/sub-key/sub-pn/channel/room-1', name: 'room-1' },
  { operation: 'history', target: '/v3/history-with-actions/sub-key/sub-pn/channel/room-1', name: 'room-1' },
  {
    operation: 'messages.count',
    target: '/v3/history/sub-key/sub-pn/message-counts/room-1?timetoken=1',
    name: 'room-1',
  },
  {
    operation: 'messages.delete',
    method: 'DELETE',
    target: '/v3/history/sub-key/sub-pn/channel/room-1?start=1&end=2',
    name: 'room-1',
  },
  {
    operation: 'reactions.add',
    method: 'POST',
    target: `${A}/message/{message}`,
    body: '{"type":"t","value":"v"}',
    name: 'room-1',
  },
  { operation: 'reactions.get', target: A, name: 'room-1' },
  { operation: 'reactions.remove', method: 'DELETE', target: `${A}/message/{message}/action/1`, name: 'room-1' },
  {
    operation: 'groups.add',
    target: `${G}/crew?add=room-1`,
    name: 'crew',
    also: { operation: 'groups.add-channel', section: 'channels', name: 'room-1', bit: BIT.read },
  },
  {
    operation: 'groups.add-channel',
    target: `${G}/crew?add=room-1`,
    name: 'room-1',
    also: { operation: 'groups.add', section: 'groups', name: 'crew', bit: BIT.manage },
  },
  { operation: 'channel-metadata.get', target: `${O}/channels/room-1`, name: 'room-1' },
  {
    operation: 'channel-metadata.set',
    method: 'PATCH',
    target: `${O}/channels/room-1`,
    body: '{"name":"x"}',
    name: 'room-1',
  },
  { operation: 'channel-metadata.remove', method: 'DELETE', target: `${O}/channels/room-1`, name: 'room-1' },
  { operation: 'channel-metadata.list', target: `${O}/channels` },
  { operation: 'members.get', target: `${O}/channels/room-1/uuids`, name: 'room-1' },
  {
    operation: 'members.set',
    method: 'PATCH',
    target: `${O}/channels/room-1/uuids`,
    body: '{"set":[{"uuid":{"id":"ann"}}]}',
    name: 'room-1',
  },
  { operation: 'user-metadata.get', target: `${O}/uuids/ann`, name: 'ann' },
  { operation: 'user-metadata.get', target: `${O}/uuids/cyd`, name: 'cyd' },
  { operation: 'user-metadata.set', method: 'PATCH', target: `${O}/uuids/ann`, body: '{"name":"x"}', name: 'ann' },
  { operation: 'user-metadata.remove', method: 'DELETE', target: `${O}/uuids/ann`, name: 'ann' },
  { operation: 'user-metadata.list', target: `${O}/uuids` },
  { operation: 'memberships.get', target: `${O}/uuids/ann/channels`, name: 'ann' },
  {
    operation: 'memberships.set',
    method: 'PATCH',
    target: `${O}/uuids/ann/channels`,
    body: '{"set":[{"channel":{"id":"room-1"}}]}',
    name: 'ann',
    also: { operation: 'memberships.channel', section: 'channels', name: 'room-1', bit: BIT.join },
  },
  {
    operation: 'memberships.channel',
    method: 'PATCH',
    target: `${O}/uuids/ann/channels`,
    body: '{"set":[{"channel":{"id":"room-1"}}]}',
    name: 'room-1',
    also: { operation: 'memberships.set', section: 'uuids', name: 'ann', bit: BIT.update },
  },
  {
    operation: 'files.send',
    method: 'POST',
    target: `${F}/generate-upload-url`,
    body: '{"name":"f.txt"}',
    name: 'room-1',
  },
  {
    operation: 'files.send',
    target: `/v1/files/publish-file/pub-pn/sub-pn/0/room-1/0/${PUBLISHED_FILE}`,
    name: 'room-1',
  },
  { operation: 'files.list', target: `${F}/files`, name: 'room-1' },
  { operation: 'files.download', target: `${F}/files/${FILE}`, name: 'room-1' },
  { operation: 'files.delete', method: 'DELETE', target: `${F}/files/${FILE}`, name: 'room-1' },
  { operation: 'groups.list', target: `${G}/crew`, name: 'crew' },
  { operation: 'groups.remove', target: `${G}/crew?remove=nothing`, name: 'crew' },
  { operation: 'groups.delete', target: `${G}/other/remove`, name: 'other' },
  { operation: 'groups.list-all', target: G },
  { operation: 'grant', method: 'POST', target: '/v3/pam/sub-pn/grant', body: '{}' },
  { operation: 'revoke', method: 'DELETE', target: '/v3/pam/sub-pn/grant/x' },
];

const COVERAGES = ['by name', 'by pattern', 'not covered'] as const;
type Coverage = (typeof COVERAGES)[number];
const BEARERS = ['right user', 'wrong user', 'no user', 'expired', 'revoked'] as const;
type Bearer = (typeof BEARERS)[number];

let server: InProcess;
let message = '';
let nonce = 0;

beforeAll(async () => {
  server = await inProcess(APP);
  await signed('GET', `${G}/crew?add=room-1`);
  const sent = await signed('GET', '/publish/pub-pn/sub-pn/0/room-1/0/1');
  message = sent.json[2];
});
afterAll(() => server.parts.pubnub.close());

function signed(method: string, target: string) {
  const stamped = `${target}${target.includes('?') ? '&' : '?'}timestamp=${Math.floor(Date.now() / 1_000)}`;
  const [path = '', query = ''] = stamped.split('?');
  const parts = {
    method,
    publishKey: 'pub-pn',
    path,
    query: canonicalQuery(readQuery(query)?.parameters ?? []),
    body: '',
  };
  return respond(server.parts.pubnub, method, `${stamped}&signature=${signV2(APP_SECRET, parts)}`);
}

/** With `LONG_TESTS` every mask; otherwise those that tell every bit apart: each alone, all but each, and all. */
function masksOf(section: GrantSection): readonly number[] {
  const bits = PERMISSIONS[section].map((permission) => BIT[permission]);
  const all = bits.reduce((sum, bit) => sum | bit, 0);
  if (process.env.LONG_TESTS)
    return Array.from({ length: all }, (_, at) => at + 1).filter((mask) => (mask & ~all) === 0);
  return [...new Set([...bits, ...bits.map((bit) => all & ~bit), all])];
}

interface Token {
  readonly text: string;
  readonly grant: Grant;
}

function mint(
  { name = 'room-1', also }: Row,
  section: GrantSection,
  mask: number,
  coverage: Coverage,
  bearer: Bearer,
): Token {
  const entries = (covered: string) => ({ [section]: new Map([[covered, mask]]) });
  const beside = also && { [also.section]: new Map([[also.name, also.bit]]) };
  const pattern = `${name.slice(0, -1).replace(/[.*]/g, '\\$&')}.`;
  const [secret] = signingSecrets(server.parts.apps.get('pn').config);
  if (secret === undefined) throw new Error('the app has no secret');
  nonce += 1;
  const minted = mintGrant(
    {
      ttl: 60,
      authorizedUser: 'ann',
      ...(coverage === 'by pattern' ? { patterns: entries(pattern) } : {}),
      ...(coverage === 'not covered' ? { patterns: entries(`x${pattern}`) } : {}),
      resources: {
        ...(coverage === 'by pattern' ? {} : entries(coverage === 'by name' ? name : `not-${name}`)),
        ...beside,
      },
    },
    {
      app: 'pn',
      secret,
      now: Date.now() - (bearer === 'expired' ? 3_600_000 : 1_000),
      nonce: `${nonce}`.padStart(22, '0'),
    },
  );
  if (!minted.ok) throw new Error(JSON.stringify(minted.problems));
  const verified = verifyGrant(minted.token, { app: 'pn', secrets: [secret] });
  if (!verified.ok) throw new Error(verified.reason);
  return { text: minted.token, grant: verified.grant };
}

/** Who the model is told asks: what the request claims, with what it carries. */
function claimed(bearer: Bearer, grant: Grant): Principal {
  const carried = { credentials: [credentialOf(grant)], grant };
  if (bearer === 'wrong user') return { kind: 'stated', user: 'bob', ...carried };
  if (bearer === 'no user') return { kind: 'anonymous', ...carried };
  return { kind: 'user', user: 'ann', table: 1, row: 'ann', extras: {}, ...carried };
}

const UUID: { readonly [bearer in Bearer]: string } = {
  'right user': 'uuid=ann&',
  'wrong user': 'uuid=bob&',
  'no user': '',
  expired: 'uuid=ann&',
  revoked: 'uuid=ann&',
};

async function ask({ method = 'GET', target, body }: Row, bearer: Bearer, token: string) {
  const joint = target.includes('?') ? '&' : '?';
  const url = `${target.replace('{message}', message)}${joint}${UUID[bearer]}auth=${encodeURIComponent(token)}`;
  return respond(server.parts.pubnub, method, url, body === undefined ? {} : { body });
}

describe.each(ROWS)('$operation: $method $target', (row) => {
  const section = operationRow(row.operation).bearer?.section ?? 'channels';
  it.each(BEARERS)('%s: the door’s verdict is the model’s, for every mask and coverage', async (bearer) => {
    for (const coverage of COVERAGES) {
      for (const mask of masksOf(section)) {
        const token = mint(row, section, mask, coverage, bearer);
        if (bearer === 'revoked') {
          const revocation = {
            type: 'token' as const,
            token: token.grant.id,
            reason: '',
            keepUntil: Number.MAX_SAFE_INTEGER,
          };
          await server.parts.engine.commit('pn', [
            { type: 'revocation.put', revocation: { ...revocation, id: server.parts.engine.nextId() } },
          ]);
        }
        const answer = await ask(row, bearer, token.text);
        const model = verdict(row, claimed(bearer, token.grant));
        const where = `${row.operation} ${coverage} mask ${mask}: ${answer.text}`;
        expect(answer.status !== 403, where).toBe(model.allowed);
        if (!model.allowed) expect(answer.headers.get('x-portcullis-code'), where).toBe(model.code);
        if (model.allowed) expect(answer.status, where).toBeLessThan(500);
      }
      if (bearer === 'revoked') await forgetRevocations();
    }
  });
});

/** The model's: on being let in, which all but time asks first, and on everything that the call means. */
function verdict({ operation, name, also }: Row, principal: Principal): ModelAnswer {
  if (operation === 'time') return { allowed: true };
  const source = server.parts.engine.source('pn');
  const asked = { principal, now: Date.now() };
  const questions: readonly AccessRequest[] = [
    { ...asked, operation: 'connect' },
    { ...asked, operation, ...(name !== undefined && { name }) },
    ...(also ? [{ ...asked, operation: also.operation, name: also.name }] : []),
  ];
  const answers = questions.map((question) => modelDecide(source, question));
  return answers.find(({ allowed }) => !allowed) ?? { allowed: true };
}

async function forgetRevocations(): Promise<void> {
  const { engine } = server.parts;
  await engine.commit(
    'pn',
    engine.source('pn').revocations.map(({ id }) => ({ type: 'revocation.delete', id })),
  );
}

describe('the table', () => {
  /** Asked about along with another operation, on sockets, or not yet through this door. */
  const ELSEWHERE = new Set<Operation>([
    'connect',
    'join',
    'receive',
    'roster',
    'history.item',
    'event',
    'subscribe.member',
    'audit',
  ]);

  it('has every operation that this door offers', () => {
    const listed = new Set(ROWS.map(({ operation }) => operation));
    const missing = (Object.keys(OPERATIONS) as Operation[]).filter((one) => !listed.has(one) && !ELSEWHERE.has(one));
    expect(missing).toEqual([]);
  });
});
