import { describe, expect, it } from 'vitest';
import type { Answer } from '../http/call.ts';
import { House, REGION, stated, textOf } from '../messaging/house.fixture.ts';
import { Deltas } from './deltas.ts';

const P = '/v2/presence/sub-key/sub/channel/c';
const NOBODY = { kind: 'anonymous', credentials: [] } as const;

/** A reader who polls again whenever it is answered. */
class Reader {
  readonly events: unknown[] = [];
  #over = false;

  async follow(house: House, names: string): Promise<void> {
    let tt = await house.handshake(names, { principal: NOBODY });
    while (!this.#over) {
      const answer: Answer = await house.ask(`/v2/subscribe/sub/${names}/0?tt=${tt}&tr=${REGION}`, {
        principal: NOBODY,
      });
      const { t, m } = JSON.parse(textOf(answer)) as { t: { t: string }; m: { d: unknown }[] };
      tt = t.t;
      this.events.push(...m.map(({ d }) => d));
    }
  }

  take(): unknown[] {
    return this.events.splice(0);
  }

  stop(): void {
    this.#over = true;
  }
}

async function open(settings: object): Promise<{ house: House; reader: Reader }> {
  const house = await House.open({ settings: { announceMax: 2, presenceDeltas: true, ...settings } });
  const reader = new Reader();
  void reader.follow(house, 'c-pnpres');
  await house.settle();
  return { house, reader };
}

async function come(house: House, ...users: string[]): Promise<void> {
  for (const user of users) await house.ask(`${P}/heartbeat?heartbeat=3000`, { principal: stated(user) });
  await house.settle();
}

async function go(house: House, ...users: string[]): Promise<void> {
  for (const user of users) await house.ask(`${P}/leave`, { principal: stated(user) });
  await house.settle();
}

async function later(house: House, ms: number): Promise<void> {
  house.clock.advance(ms);
  await house.settle();
}

describe('a crowded channel', () => {
  it('tells counts with who came and went, once in an interval, and single changes again when it empties', async () => {
    const { house, reader } = await open({});
    await come(house, 'u1', 'u2');
    expect(reader.take()).toMatchObject([{ action: 'join' }, { action: 'join', occupancy: 2 }]);
    await come(house, 'u3', 'u4', 'u5');
    await go(house, 'u4', 'u1');
    expect(reader.take()).toEqual([]);
    await later(house, 30_000);
    expect(reader.take()).toEqual([
      {
        action: 'interval',
        timestamp: Math.floor(house.clock.now() / 1_000),
        occupancy: 3,
        join: ['u3', 'u5'],
        leave: ['u1'],
      },
    ]);
    await later(house, 30_000);
    expect(reader.take()).toEqual([]);
    await go(house, 'u2', 'u3');
    expect(reader.take()).toMatchObject([{ action: 'leave', uuid: 'u3', occupancy: 1 }]);
    await later(house, 30_000);
    expect(reader.take()).toMatchObject([{ action: 'interval', occupancy: 1, leave: ['u2'] }]);
    reader.stop();
  });

  it('passes over what another door announces to its own readers', async () => {
    const { house, reader } = await open({});
    const draft = { app: 'a', channel: 'c', kind: 'presence', audience: { to: 'presence' }, sender: null } as const;
    await house.engine.stateless.announce({ ...draft, data: '["not for this wire"]', door: 'native', logged: false });
    await come(house, 'ann');
    reader.stop();
    expect(reader.take()).toMatchObject([{ action: 'join', uuid: 'ann' }]);
  });

  it('tells the same to every reader, once', async () => {
    const { house, reader } = await open({});
    const other = new Reader();
    void other.follow(house, 'c-pnpres,other');
    await house.settle();
    await come(house, 'u1', 'u2', 'u3');
    await later(house, 30_000);
    expect(reader.take().slice(2)).toEqual(other.take().slice(2));
    await come(house, 'u4');
    await later(house, 30_000);
    expect(reader.events).toMatchObject([{ action: 'interval', join: ['u4'] }]);
  });

  it('tells counts alone where names are not wanted', async () => {
    const { house, reader } = await open({ presenceDeltas: false, presenceInterval: 10_000 });
    await come(house, 'u1', 'u2', 'u3');
    reader.take();
    await later(house, 10_000);
    expect(reader.take()).toEqual([
      { action: 'interval', timestamp: Math.floor(house.clock.now() / 1_000), occupancy: 3 },
    ]);
  });

  it('tells clients to ask when the names are too many', async () => {
    const { house, reader } = await open({ presenceDeltasBytes: 12 });
    await come(house, 'u1', 'u2', 'u3', 'u4', 'u5');
    reader.take();
    await later(house, 30_000);
    expect(reader.take()).toMatchObject([{ action: 'interval', occupancy: 5, here_now_refresh: true }]);
  });

  it('tells of timeouts as such', async () => {
    const { house, reader } = await open({});
    await come(house, 'u1', 'u2');
    await house.ask(`${P}/heartbeat?heartbeat=40`, { principal: stated('brief') });
    await house.settle();
    await later(house, 30_000);
    expect(reader.take().at(-1)).toMatchObject({ action: 'interval', occupancy: 3, join: ['brief'] });
    await later(house, 12_000);
    await later(house, 18_000);
    expect(reader.take()).toMatchObject([{ action: 'interval', occupancy: 2, timeout: ['brief'] }]);
  });
});

describe('deltas', () => {
  it('do not mention whoever came and went', () => {
    const deltas = new Deltas(1_000);
    deltas.note('join', 'a');
    deltas.note('leave', 'a');
    deltas.note('leave', 'b');
    deltas.note('join', 'b');
    deltas.note('timeout', 'c');
    deltas.note('join', 'd');
    expect(deltas.any).toBe(true);
    expect(deltas.take()).toEqual({ join: ['d'], timeout: ['c'] });
    expect(deltas.any).toBe(false);
    expect(deltas.take()).toEqual({});
  });
});

describe('which events are told where', () => {
  const told = async (presenceEvents: object[]): Promise<string[]> => {
    const { house, reader } = await open({ presenceEvents });
    await come(house, 'ann');
    await house.ask(`${P}/uuid/ann/data?state=${encodeURIComponent('{"a":1}')}`, { principal: stated('ann') });
    await house.settle();
    await go(house, 'ann');
    reader.stop();
    return reader.take().map((event) => (event as { action: string }).action);
  };

  it('without a list all', async () => {
    expect(await told([])).toEqual(['join', 'state-change', 'leave']);
  });

  it('with one those of the first target that matches, and none elsewhere', async () => {
    const c = { target: 'c', nested: false, events: ['leave'] };
    const all = { target: '*', nested: true, events: ['join', 'state-change'] };
    expect(await told([c, all])).toEqual(['leave']);
    expect(await told([all, c])).toEqual(['join', 'state-change']);
    expect(await told([{ ...all, target: 'rooms/*' }])).toEqual([]);
  });

  it('counts of a crowded channel only where they are wanted', async () => {
    for (const [events, count] of [
      [['join', 'leave'], 0],
      [['interval'], 1],
    ] as const) {
      const { house, reader } = await open({ presenceEvents: [{ target: 'c', nested: false, events }] });
      await come(house, 'ann', 'bob', 'cid');
      reader.take();
      await later(house, 30_000);
      reader.stop();
      expect(reader.take()).toHaveLength(count);
    }
  });
});
