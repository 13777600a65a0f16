import { FEATURES } from '@portcullis/engine/testing';
import { type Grant, presenceName } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { House, type HouseOptions, proven, ruleOf, SERVER, stated, textOf } from '../messaging/house.fixture.ts';

const G = '/v1/channel-registration/sub-key/sub/channel-group';
const OK = '{"status":200,"message":"OK","service":"channel-registry","error":false}';

const open = (options?: HouseOptions) => House.open(options);
const server = { principal: SERVER };

describe('a channel group', () => {
  it('is made, listed, changed and deleted by GET', async () => {
    const house = await open();
    expect(await house.text(`${G}/g?add=a,b%20c`, server)).toBe(OK);
    expect(await house.text(`${G}/g?add=b%20c,d`, server)).toBe(OK);
    expect(await house.text(`${G}/g`, server)).toBe(
      '{"status":200,"payload":{"channels":["a","b c","d"],"group":"g"},"service":"channel-registry","error":false}',
    );
    expect(await house.text(`${G}/g?remove=a,unknown`, server)).toBe(OK);
    expect(await house.json(`${G}/g`, server)).toMatchObject({ payload: { channels: ['b c', 'd'] } });
    expect(await house.text(G, server)).toBe(
      '{"status":200,"payload":{"namespace":"","groups":["g"]},"service":"channel-registry","error":false}',
    );
    expect(await house.text(`${G}/g/remove`, server)).toBe(OK);
    expect(await house.json(G, server)).toMatchObject({ payload: { groups: [] } });
    expect(await house.json(`${G}/unknown`, server)).toMatchObject({ payload: { channels: [], group: 'unknown' } });
    expect(await house.text(`${G}/unknown/remove`, server)).toBe(OK);
  });

  it('without channels is none', async () => {
    const house = await open();
    await house.text(`${G}/g?add=a`, server);
    await house.text(`${G}/g?remove=a`, server);
    expect(await house.json(G, server)).toMatchObject({ payload: { groups: [] } });
  });

  it('keeps every one of many changes made at once', async () => {
    const house = await open();
    const names = Array.from({ length: 20 }, (_, at) => `c${at}`);
    await Promise.all(names.map((name) => house.text(`${G}/g?add=${name}`, server)));
    expect(await house.json(`${G}/g`, server)).toMatchObject({ payload: { channels: names } });
  });

  it('takes only so many channels', async () => {
    const house = await open({ settings: { channelsPerGroup: 3 } });
    await house.text(`${G}/g?add=a,b`, server);
    const answer = await house.ask(`${G}/g?add=c,d`, server);
    expect(answer.headers).toMatchObject({ 'X-Portcullis-Code': 'limit.channelsPerGroup' });
    expect(await house.text(`${G}/g?add=c`, server)).toBe(OK);
    expect(await house.json(`${G}/g`, server)).toMatchObject({ payload: { channels: ['a', 'b', 'c'] } });
  });

  it.each(['w.%2A', presenceName('c'), '%2A', 'a,,b'])('takes no %s', async (channels) => {
    const house = await open();
    const answer = await house.ask(`${G}/g?add=ok,${channels}`, server);
    expect(answer).toMatchObject({ status: 400, headers: { 'X-Portcullis-Code': 'channel.bad-name' } });
    expect(await house.json(`${G}/g`, server)).toMatchObject({ payload: { channels: [] } });
  });

  it('without anything to add is a bad request', async () => {
    const answer = await (await open()).ask(`${G}/g?add=`, server);
    expect(JSON.parse(textOf(answer))).toMatchObject({ status: 400, error: true, service: 'channel-registry' });
  });
});

describe('who may change groups', () => {
  it('is not named as the presence of another', async () => {
    const house = await open();
    const answer = await house.ask(`${G}/g-pnpres?add=a`, server);
    expect([answer.status, JSON.parse(textOf(answer)).message]).toEqual([
      400,
      'The name of a channel group does not end in -pnpres',
    ]);
    expect(await house.json(G, server)).toMatchObject({ payload: { groups: [] } });
  });

  it('is offered to nobody where groups are off, and the registry says so, whatever is asked of it', async () => {
    const house = await open({ access: { features: { ...FEATURES, groups: false } } });
    for (const url of [G, `${G}/g`, `${G}/g?add=a`, `${G}/g?remove=a`, `${G}/g/remove`]) {
      const answer = await house.ask(url, server);
      expect([url, answer.status, JSON.parse(textOf(answer))]).toEqual([
        url,
        403,
        {
          status: 403,
          message: 'Channel groups are switched off for this app (features.groups)',
          service: 'channel-registry',
          error: true,
          code: 'operation.not-enabled',
        },
      ]);
    }
  });

  it('is servers alone where rules are on and grants off', async () => {
    const house = await open({ access: { rules: true, open: false }, rules: [ruleOf(1, 'c')] });
    for (const url of [`${G}/g?add=c`, `${G}/g?remove=c`, `${G}/g/remove`, `${G}/g`, G]) {
      const answer = await house.ask(url, { principal: stated('al') });
      expect([url, answer.status]).toEqual([url, 403]);
      expect((await house.ask(url, server)).status).toBe(200);
    }
  });

  it('needs manage on the group, and read on each channel that is added', async () => {
    const access = { grants: true, open: false };
    const principal = proven('al', { grant: grantOf({ g: 4 }, { a: 1, b: 2 }) });
    const house = await open({ access });
    expect(await house.text(`${G}/g?add=a`, { principal })).toBe(OK);
    const answer = await house.ask(`${G}/g?add=a,b,c`, { principal });
    expect(answer.status).toBe(403);
    expect(JSON.parse(textOf(answer))).toMatchObject({
      payload: { channels: ['b', 'c'] },
      code: 'grant.missing-permission',
    });
    expect(JSON.parse(await house.text(`${G}/h?add=a`, { principal }))).toMatchObject({
      status: 403,
      payload: { 'channel-groups': [':h'] },
    });
    const vendor = await open({ access: { ...access, groupAdd: 'vendor' } });
    expect(await vendor.text(`${G}/g?add=a,b,c`, { principal })).toBe(OK);
    expect((await vendor.ask(G, { principal })).status).toBe(403);
  });
});

function grantOf(groups: Record<string, number>, channels: Record<string, number>): Grant {
  const nothing = { channels: new Map(), groups: new Map(), uuids: new Map() };
  const resources = {
    ...nothing,
    groups: new Map(Object.entries(groups)),
    channels: new Map(Object.entries(channels)),
  };
  return { id: 'g1', key: 'k', issuedAt: 1_700_000_000, ttl: 43_200, resources, patterns: nothing, meta: {} };
}
