import { describe, expect, it } from 'vitest';
import type { Codec } from './ports/outlet.ts';
import { type Client, OPEN, ruleOf, Scene, say, userOf } from './testing/scene.fixture.ts';
import { TEST_CODEC } from './testing/wire.fixture.ts';

/** Reads nothing until it is told to; what it is sent from here on waits for it. */
async function stall(scene: Scene, client: Client, channel: string): Promise<void> {
  const { outlet, session } = client;
  outlet.stalled = true;
  await session.join(channel, { presence: false, history: false });
  outlet.write(new Uint8Array(64 * 1024));
  scene.clock.turn();
  outlet.clear();
}

function drain({ outlet, session }: Client): void {
  outlet.drain();
  session.drained();
}

const KEPT = { ...OPEN, history: 10 };
const MEMBERS = { ...KEPT, anonymousClients: false };

describe('what waits for a slow reader', () => {
  it.each([
    ['its history is switched off', { ...OPEN, history: 0 }],
    ['it is denied the channel', MEMBERS],
    ['the channel is gone', { ...KEPT, enabled: false }],
  ])('of history is not handed over once %s', async (_, spec) => {
    const scene = await Scene.open([ruleOf(1, 'room', KEPT), ruleOf(2, 'hall', OPEN)]);
    const [slow, ada] = [await scene.joined('hall'), await scene.joined('room', userOf('ada'))];
    await say(ada, 'room', 'secret');
    await stall(scene, slow, 'hall');
    expect(await slow.session.history('room')).toEqual({ ok: true });
    await scene.put(ruleOf(1, 'room', spec));
    drain(slow);
    expect(slow.outlet.kinds()).toEqual([]);
  });

  it('of history is handed over less what was taken away, and whole if nothing was', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', KEPT), ruleOf(2, 'hall', OPEN)]);
    const [slow, ada] = [await scene.joined('hall'), await scene.joined('room', userOf('ada'))];
    for (const text of ['one', 'two', 'three']) await say(ada, 'room', text);
    await stall(scene, slow, 'hall');
    const asking = [slow.session.history('room'), slow.session.history('room')];
    for (let n = 0; n < 20; n += 1) {
      await Promise.resolve();
      scene.clock.turn();
    }
    await Promise.all(asking);
    await scene.put(ruleOf(3, 'elsewhere', OPEN));
    await scene.put(ruleOf(1, 'room', { ...KEPT, history: 1 }));
    drain(slow);
    const pages = slow.outlet.got.flatMap((item) => (item.type === 'history' ? [item.items.length] : []));
    expect(pages).toEqual([1, 1]);
  });

  it('of rosters is not handed over once presence is taken away', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const slow = await scene.joined('room');
    await stall(scene, slow, 'room');
    await slow.session.join('room', { presence: true, history: false });
    scene.clock.turn();
    await scene.put(ruleOf(1, 'room', { ...OPEN, presence: false }));
    drain(slow);
    expect(slow.outlet.kinds()).toEqual(['joined', 'lost']);
  });

  it('of words about a channel is never taken back: who lost something is told', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN), ruleOf(2, 'hall', OPEN)]);
    const slow = await scene.joined('hall');
    await stall(scene, slow, 'room');
    await scene.put(ruleOf(1, 'room', { ...OPEN, enabled: false }));
    await scene.put(ruleOf(1, 'room', OPEN));
    await slow.session.join('room', { presence: false, history: false });
    slow.session.leave('room');
    drain(slow);
    expect(slow.outlet.kinds()).toEqual(['lost', 'joined', 'left']);
  });
});

describe('a clock that has passed an expiry while its timer is late', () => {
  async function waiting() {
    const scene = await Scene.open([ruleOf(1, 'room', { ...OPEN, history: 10 })]);
    const expiresAt = scene.clock.now() + 1_000;
    const late = () => {
      scene.clock.now = () => expiresAt;
    };
    return {
      scene,
      late,
      ada: await scene.joined('room', userOf('ada', { expiresAt })),
      bo: await scene.joined('room'),
    };
  }

  it('hands nothing over that waited for a slow reader', async () => {
    const { scene, late, ada, bo } = await waiting();
    await stall(scene, ada, 'room');
    await say(bo, 'room', 'too late');
    scene.clock.turn();
    late();
    drain(ada);
    expect(ada.outlet.kinds()).toEqual(['end identity.expired']);
  });

  it('sends no roster at the end of the turn', async () => {
    const { scene, late, ada } = await waiting();
    await ada.session.join('room', { presence: true, history: false });
    late();
    scene.clock.turn();
    expect(ada.outlet.kinds()).toEqual(['joined', 'end identity.expired']);
  });

  it('writes nothing to one whose proof ends while others are told that theirs has ended', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const { clock } = scene;
    const proofUntil = (after: number) => ({ expiresAt: clock.now() + after });
    // Their door takes long over each notice.
    const slow: Codec = {
      ...TEST_CODEC,
      name: 'slow',
      notice(notice) {
        if (notice.type === 'lost') clock.pass(6);
        return TEST_CODEC.notice(notice);
      },
    };
    const options = { presence: true, history: false };
    const proofs = [userOf('ada', proofUntil(1_000)), userOf('bo', proofUntil(1_004))];
    for (const proof of proofs) await scene.connect(proof, slow, 'a', 1_000).session.join('room', options);
    const eve = await scene.joined('room', userOf('eve', proofUntil(1_010)), true);
    const written: number[] = [];
    const write = eve.outlet.write.bind(eve.outlet);
    eve.outlet.write = (bytes) => {
      written.push(clock.now());
      write(bytes);
    };
    const { expiresAt } = proofUntil(1_010);
    clock.advance(1_000);
    expect(clock.now()).toBeGreaterThan(expiresAt);
    expect(eve.outlet.kinds()).toEqual(['end identity.expired']);
    expect(written.filter((at) => at >= expiresAt)).toEqual([]);
  });

  it('releases nothing that waited behind history', async () => {
    const { scene, late, ada, bo } = await waiting();
    ada.session.leave('room');
    ada.outlet.clear();
    let answer = () => {};
    scene.store.history = () =>
      new Promise((resolve) => {
        answer = () => resolve([]);
      });
    await ada.session.join('room', { presence: false, history: true });
    await say(bo, 'room', 'waits');
    scene.clock.turn();
    late();
    answer();
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
    scene.clock.turn();
    expect(ada.outlet.kinds()).toEqual(['joined', 'end identity.expired']);
  });
});

describe('answers and changes that come together', () => {
  it('history is decided in the turn in which it is queued: nothing of a channel follows the word that it is lost', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', KEPT)]);
    const client = await scene.joined('room');
    await say(client, 'room', 'secret');
    scene.clock.turn();
    client.outlet.clear();
    const page = await scene.store.history({ app: 'a', channel: 'room', limit: 10, scope: { of: 'channel' } });
    const answers: (() => void)[] = [];
    scene.store.history = () => new Promise((resolve) => answers.push(() => resolve(page)));
    scene.store.commit = () => new Promise((resolve) => answers.push(resolve));
    const asking = client.session.history('room');
    const cutting = scene.put(ruleOf(1, 'room', MEMBERS));
    while (answers.length < 2) await Promise.resolve();
    for (const answer of answers) answer();
    expect(await asking).toEqual({ ok: true });
    await cutting;
    expect(client.outlet.kinds()).toEqual(['history', 'lost']);
  });

  it('an unsubscribe that holds nobody off takes those off too who came while it was written', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const ada = scene.connect(userOf('ada'));
    const unsubscribing = scene.engine.unsubscribe('a', 'ada', 'room', 0, 'test');
    await ada.session.join('room', { presence: false, history: false });
    expect((await unsubscribing).sessions).toBe(1);
    expect(ada.outlet.lost()).toEqual(['room session.kicked true']);
  });

  it('a right that is taken away and given back before everyone was told is taken away from all', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const clients = await Promise.all(Array.from({ length: 300 }, () => scene.joined('room')));
    const { now } = scene.clock;
    let ticks = 0;
    scene.clock.now = () => now.call(scene.clock) + ++ticks;
    const cutting = scene.put(ruleOf(1, 'room', { ...OPEN, enabled: false }));
    const opening = scene.put(ruleOf(1, 'room', OPEN));
    await cutting;
    expect(clients.some(({ outlet }) => outlet.lost().length === 0)).toBe(true);
    let open = false;
    void opening.then(() => {
      open = true;
    });
    for (let n = 0; n < 50 && !open; n += 1) {
      scene.clock.advance(0);
      for (let m = 0; m < 10; m += 1) await Promise.resolve();
    }
    expect(open).toBe(true);
    for (const { outlet } of clients) expect(outlet.lost()).toEqual(['room channel.no-rule true']);
  });
});

describe('an app that is deleted', () => {
  const principal = { kind: 'server', name: 'test', credentials: [] } as const;

  it('keeps nothing that comes after: an app made under its name sees nothing of it', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', KEPT)]);
    const client = await scene.joined('room');
    const { commit } = scene.store;
    let written = () => {};
    scene.store.commit = async (...args) => {
      await commit.apply(scene.store, args);
      await new Promise<void>((resolve) => {
        written = resolve;
      });
    };
    const event = () => scene.engine.event({ app: 'a', channel: 'lobby', data: '1', principal });
    await scene.engine.event({ app: 'a', channel: 'room', data: '1', principal });
    const removing = scene.engine.remove('a');
    const late = [client.session.publish('room', { to: 'everyone' }, '1'), event()];
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
    late.push(client.session.publish('room', { to: 'everyone' }, '1'), event());
    written();
    await removing;
    for (const outcome of await Promise.all(late)) expect(outcome).toMatchObject({ code: 'app.disabled' });
    expect(client.outlet.kinds().at(-1)).toBe('end app.disabled');
    expect(await scene.store.keptChannels('a')).toBe(0);
  });

  it('is deleted once, and an app defined meanwhile under its name stays', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const { epoch } = scene.engine.source('a');
    const removing = [scene.engine.remove('a'), scene.engine.remove('a')];
    const stored = {
      app: 'a',
      epoch: epoch + 1,
      settings: null,
      rules: [],
      revocations: [],
      bans: [],
      groups: [],
      triggers: [],
    };
    const defining = scene.define('a', {}, stored);
    await Promise.all([...removing, defining]);
    expect(scene.engine.has('a')).toBe(true);
    expect(scene.engine.rules('a')).toEqual([]);
    scene.connect();
  });

  it('goes on when its deletion failed', async () => {
    const scene = await Scene.open([ruleOf(1, 'room', OPEN)]);
    const client = await scene.joined('room');
    const { commit } = scene.store;
    scene.store.commit = () => Promise.reject(new Error('no'));
    await expect(scene.engine.remove('a')).rejects.toThrow('no');
    scene.store.commit = commit;
    await say(client, 'room', 'still here');
    await scene.engine.remove('a');
    expect(scene.engine.has('a')).toBe(false);
  });
});
