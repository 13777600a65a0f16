import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../http/call.ts';
import { Stage } from '../http/door.fixture.ts';
import { respond } from '../http/respond.fixture.ts';
import type { Identified, Proofs } from './identified.ts';

const WHO: Endpoint = {
  method: 'GET',
  path: '/v1/files/{sub}/who',
  handle: ({ principal }) => ({ status: 200, type: 'json', body: JSON.stringify(principal) }),
};

/** A door that identifies so, and what it was asked. */
async function open(identify: (proofs: Proofs) => Identified | Promise<Identified>) {
  const asked: Proofs[] = [];
  const stage = await Stage.open({
    endpoints: [WHO],
    access: { grants: false, open: true },
    identity: {
      identify: (_, proofs) => {
        asked.push(proofs);
        return identify(proofs);
      },
      credentialsOf: () => ({ ok: false, code: 'identity.malformed', reason: '' }),
    },
  });
  return { asked, get: (query: string) => respond(stage.door, 'GET', `/v1/files/sub-c-1/who${query}`) };
}

const ann = { kind: 'user', user: 'ann', table: 1, row: 'ann', extras: {}, credentials: [] } as const;
const refuse = (code: (Identified & { ok: false })['code'], more = {}): Identified => ({
  ok: false,
  code,
  reason: 'secret',
  ...more,
});

describe('who asks', () => {
  it.each([
    ['', [{ statesUser: true }]],
    ['?uuid=ann', [{ statedUser: 'ann', statesUser: true }]],
    ['?auth=t', [{ token: 't', statesUser: true }]],
    ['?auth=&uuid=ann', [{ statedUser: 'ann', statesUser: true }]],
    ['?auth=t%20%2B+&uuid=%C3%A9', [{ token: 't + ', statedUser: 'é', statesUser: true }]],
  ])('is asked with the fields of the query: %s', async (query, proofs) => {
    const { asked, get } = await open(() => ({ ok: true, principal: ann }));
    expect((await get(query)).json).toEqual(ann);
    expect(asked).toEqual(proofs);
  });

  it('may take a while to be told', async () => {
    const { get } = await open(async () => ({ ok: true, principal: ann }));
    expect((await get('?auth=t')).json).toEqual(ann);
  });

  it('is asked to come back while keys cannot be had', async () => {
    const { get } = await open(async () => refuse('identity.keys-unavailable', { retry: true }));
    const answer = await get('?auth=t');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.json).toMatchObject({ status: 503, error: true, code: 'identity.keys-unavailable' });
  });

  it('is told which of token and user id is malformed, and never why', async () => {
    const unfit = await open(async () => refuse('identity.malformed'));
    expect((await unfit.get('?auth=t&uuid=x')).json).toMatchObject({ status: 400, message: 'Invalid UUID' });
    expect((await unfit.get('?uuid=x')).json).toMatchObject({ status: 400, message: 'Invalid UUID' });
    const token = await open(({ token }) =>
      token === undefined ? { ok: true, principal: ann } : refuse('identity.malformed'),
    );
    const answer = await token.get('?auth=t&uuid=x');
    expect(answer.json).toMatchObject({ status: 403, message: 'Token is malformed' });
    expect(answer.text).not.toContain('secret');
    expect((await token.get('?auth=t')).json).toMatchObject({ status: 403, message: 'Token is malformed' });
  });

  it('is no fault of the client when identifying fails', async () => {
    const { get } = await open(() => Promise.reject(new Error('secret')));
    const answer = await get('?auth=t');
    expect([answer.status, answer.text.includes('secret')]).toEqual([500, false]);
  });
});
