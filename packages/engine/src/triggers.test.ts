import { describe, expect, it } from 'vitest';
import type { Narrowing } from './ports/triggers.ts';
import { LIMITS } from './testing/definition.fixture.ts';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';
import { BLOCK, PASS, ScriptedStack, ScriptedTriggers } from './testing/triggers.fixture.ts';

const ALONE = { presence: false, history: false };
const EVERYONE = { to: 'everyone' } as const;
const ROOM = { ...OPEN, authenticatedMessaging: true, privateMessaging: { enabled: true, authenticatedOnly: false } };

async function house(spec = ROOM) {
  const triggers = new ScriptedTriggers();
  const scene = await Scene.open([ruleOf(1, 'room/*', spec)], { definition: { triggers } });
  return { scene, triggers };
}

/** So many steps of what is awaited further. */
async function after(steps: number): Promise<void> {
  for (let n = 0; n < steps; n += 1) await Promise.resolve();
}

/** Long enough for whatever waits for nothing more to have gone on. */
const settled = () => after(8);

describe('a channel without a trigger', () => {
  it('is joined and published to in the same turn, as if there were none in the app', async () => {
    const { scene, triggers } = await house();
    triggers.on('message', 'other/*', new ScriptedStack());
    triggers.on('join', 'other/*', new ScriptedStack());
    const { session } = scene.connect();
    expect(session.join('room/1', ALONE)).toEqual({ ok: true });
    expect(session.publish('room/1', EVERYONE, '1')).toMatchObject({ ok: true });
  });
});

describe('a join trigger', () => {
  it('is asked after both gates, with who asks for what, and its yes lets in', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const bo = scene.connect(userOf('bo'));
    expect(await bo.session.join('elsewhere', ALONE)).toMatchObject({ code: 'channel.no-rule' });
    expect(stack.calls).toEqual([]);
    const joining = bo.session.join('room/1', { presence: true, history: true });
    expect(stack.calls).toMatchObject([
      { action: 'join', app: 'a', channel: 'room/1', principal: { user: 'bo' }, session: bo.session.id },
    ]);
    expect(stack.calls).toMatchObject([{ options: { presence: true, history: true }, rule: { target: 'room/*' } }]);
    stack.answer(PASS);
    expect(await joining).toEqual({ ok: true });
    expect(scene.engine.roster('a', 'room/1')).toHaveLength(1);
  });

  it('that answers at once decides in the same turn', async () => {
    const { scene, triggers } = await house();
    triggers.on('join', 'room/*', new ScriptedStack(({ channel }) => (channel === 'room/1' ? PASS : BLOCK)));
    const { session } = scene.connect();
    expect(session.join('room/1', ALONE)).toEqual({ ok: true });
    expect(session.join('room/2', ALONE)).toEqual({ ok: false, code: 'trigger.blocked', message: 'no' });
  });

  it('refuses where it says no, breaks or throws, and nobody is in', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const { session } = scene.connect();
    for (const [answer, code] of [
      [BLOCK, 'trigger.blocked'],
      [{ pass: false, code: 'trigger.failed' } as const, 'trigger.failed'],
      [new Error('broken'), 'trigger.failed'],
    ] as const) {
      const joining = session.join('room/1', ALONE);
      stack.answer(answer);
      expect(await joining).toMatchObject({ ok: false, code });
    }
    const throws = () => {
      throw new Error('broken');
    };
    triggers.on('join', 'room/*', new ScriptedStack(throws));
    expect(session.join('room/1', ALONE)).toMatchObject({ code: 'trigger.failed' });
    expect(scene.engine.channels('a')).toEqual([]);
  });

  it('is not asked again by who is in already', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack(() => PASS));
    const { session } = scene.connect();
    for (let n = 0; n < 3; n += 1) expect(session.join('room/1', ALONE)).toEqual({ ok: true });
    expect(stack.calls).toHaveLength(1);
  });

  it.each([
    ['leaving', 'channel.not-joined', ({ session }: Joining) => session.leave('room/1')],
    ['closing', 'session.closed', ({ session }: Joining) => session.close()],
    ['a kick', 'session.closed', ({ scene, session }: Joining) => scene.engine.kick('a', session.id, 0, '')],
    ['being taken off', 'session.kicked', ({ scene }: Joining) => scene.engine.unsubscribe('a', 'bo', 'room/1', 0, '')],
    [
      'a ban',
      'identity.banned',
      ({ scene }: Joining) =>
        scene.engine.commit('a', [
          { type: 'ban.put', ban: { id: 9, user: 'bo', channel: 'room/1', reason: '', hold: false } },
        ]),
    ],
    [
      'a rule that shuts the channel',
      'channel.no-rule',
      ({ scene }: Joining) => scene.put(ruleOf(1, 'room/*', { ...ROOM, enabled: false })),
    ],
  ])('cannot win against %s that came while it was asked', async (_, code, change) => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const { session } = scene.connect(userOf('bo'));
    const joining = session.join('room/1', ALONE);
    await change({ scene, session });
    stack.answer(PASS);
    expect(await joining).toMatchObject({ ok: false, code });
    expect(scene.engine.channels('a')).toEqual([]);
  });

  it('is in after nobody’s acknowledgement that takes it off, in whatever order the answers come', async () => {
    for (let later = 0; later < 20; later += 1) {
      const { scene, triggers } = await house();
      const eve = await scene.joined('room/1', userOf('eve'), true);
      const stack = triggers.on('join', 'room/*', new ScriptedStack());
      const joining = scene.connect(userOf('bo')).session.join('room/1', ALONE);
      const taken = scene.engine.unsubscribe('a', 'bo', 'room/1', 0, '');
      await after(later);
      stack.answer(PASS);
      const [{ timetoken }] = await Promise.all([taken, joining]);
      scene.clock.turn();
      expect(scene.engine.roster('a', 'room/1')).toHaveLength(1);
      const came = eve.outlet.got.flatMap((item) =>
        item.type === 'publication' && item.publication.presence?.action === 'join' ? [item.publication] : [],
      );
      expect(came.filter((one) => one.timetoken > timetoken)).toEqual([]);
    }
  });

  it('whose stack or rule changes while it is asked is asked again, and the newest answer counts', async () => {
    const { scene, triggers } = await house();
    const [old, next] = [triggers.on('join', 'room/*', new ScriptedStack()), new ScriptedStack()];
    const { session } = scene.connect();
    const joining = session.join('room/1', ALONE);
    triggers.on('join', 'room/*', next);
    old.answer(PASS);
    await settled();
    expect(next.calls).toHaveLength(1);
    next.answer(BLOCK);
    expect(await joining).toMatchObject({ code: 'trigger.blocked' });
    const again = session.join('room/1', ALONE);
    await scene.put(ruleOf(1, 'room/*', { ...ROOM, history: 5 }));
    next.answer(PASS);
    await settled();
    expect(next.calls).toHaveLength(3);
    next.answer(PASS);
    expect(await again).toEqual({ ok: true });
  });

  it('is not asked again when the file is read anew and says the same', async () => {
    const { scene, triggers } = await house();
    const fileRules = () => [{ ...ruleOf(2, 'hall/*', ROOM), origin: 'file' as const }];
    await scene.define('a', { triggers, fileRules: fileRules() });
    const stack = triggers.on('join', 'hall/*', new ScriptedStack());
    const { session } = scene.connect();
    const joining = session.join('hall/1', ALONE);
    await scene.define('a', { triggers, fileRules: fileRules() });
    stack.answer(PASS);
    expect(await joining).toEqual({ ok: true });
    expect(stack.calls).toHaveLength(1);
  });

  it('whose rule keeps changing is given up as stale', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const { session } = scene.connect();
    const joining = session.join('room/1', ALONE);
    for (const history of [1, 2]) {
      await scene.put(ruleOf(1, 'room/*', { ...ROOM, history }));
      stack.answer(PASS);
      await settled();
    }
    expect(await joining).toMatchObject({ code: 'trigger.stale' });
    expect(stack.calls).toHaveLength(2);
  });
});

interface Joining {
  readonly scene: Scene;
  readonly session: ReturnType<Scene['connect']>['session'];
}

describe('a message trigger', () => {
  it('is asked of what clients say to everyone, to the authenticated and in private, and its payload goes out', async () => {
    const { scene, triggers } = await house();
    const [ada, bo] = [await scene.joined('room/1', userOf('ada')), await scene.joined('room/1', userOf('bo'))];
    const stack = triggers.on('message', 'room/*', new ScriptedStack(() => ({ pass: true, data: '"masked"' })));
    const targets = [EVERYONE, { to: 'authenticated' }, { to: 'session', session: bo.session.id }] as const;
    for (const target of targets)
      expect(await ada.session.publish('room/1', target, '"raw"')).toMatchObject({ ok: true });
    scene.clock.turn();
    expect(bo.outlet.texts()).toEqual(['masked', 'masked', 'masked']);
    expect(stack.calls).toMatchObject(
      targets.map((target) => ({ action: 'message', kind: 'message', target, data: '"raw"', hops: 0, fire: false })),
    );
  });

  it('sees where an unflagged message really goes', async () => {
    const { scene, triggers } = await house({ ...ROOM, publicMessaging: { enabled: false, authenticatedOnly: false } });
    const ada = await scene.joined('room/1', userOf('ada'));
    const stack = triggers.on('message', 'room/*', new ScriptedStack(() => PASS));
    await ada.session.publish('room/1', EVERYONE, '1');
    expect(stack.calls).toMatchObject([{ target: { to: 'authenticated' } }]);
  });

  it('that says no keeps the message from everybody, its history included', async () => {
    const { scene, triggers } = await house({ ...ROOM, history: 10 });
    const ada = await scene.joined('room/1');
    const stack = triggers.on('message', 'room/*', new ScriptedStack());
    const said = ada.session.publish('room/1', EVERYONE, '1');
    stack.answer(BLOCK);
    expect(await said).toEqual({ ok: false, code: 'trigger.blocked', message: 'no' });
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual([]);
    expect(await scene.store.history({ app: 'a', channel: 'room/1', limit: 9, scope: { of: 'channel' } })).toEqual([]);
  });

  it('is not asked by what the gates refuse, nor by a server event', async () => {
    const { scene, triggers } = await house({ ...ROOM, publicMessaging: { enabled: false, authenticatedOnly: false } });
    const ada = await scene.joined('room/1');
    const stack = triggers.on('message', 'room/*', new ScriptedStack(() => BLOCK));
    expect(await ada.session.publish('room/1', EVERYONE, '1')).toMatchObject({ code: 'channel.public-messaging-off' });
    const principal = { kind: 'server', name: 'k', credentials: [] } as const;
    const event = await scene.engine.event({ app: 'a', channel: 'room/1', data: '1', principal });
    expect(event).toMatchObject({ ok: true });
    expect(stack.calls).toEqual([]);
  });

  it('cannot win against a rule, a ban or a leave that came while it was asked', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('message', 'room/*', new ScriptedStack());
    const ada = await scene.joined('room/1', userOf('ada'));
    const left = ada.session.publish('room/1', EVERYONE, '1');
    ada.session.leave('room/1');
    stack.answer(PASS);
    expect(await left).toMatchObject({ code: 'channel.not-joined' });
    const bo = await scene.joined('room/1', userOf('bo'));
    const banned = bo.session.publish('room/1', EVERYONE, '1');
    const ban = { id: 9, user: 'bo', channel: 'room/1', reason: '', hold: false };
    await scene.engine.commit('a', [{ type: 'ban.put', ban }]);
    stack.answer(PASS);
    expect(await banned).toMatchObject({ code: 'identity.banned' });
    const cy = await scene.joined('room/1', userOf('cy'));
    const shut = cy.session.publish('room/1', EVERYONE, '1');
    await scene.put(ruleOf(1, 'room/*', { ...ROOM, publicMessaging: { enabled: false, authenticatedOnly: false } }));
    stack.answer(PASS);
    stack.answer(PASS);
    await settled();
    stack.answer(PASS);
    expect(await shut).toMatchObject({ ok: true });
    scene.clock.turn();
    expect(cy.outlet.got.filter((item) => item.type === 'publication')).toMatchObject([
      { publication: { audience: { to: 'authenticated' } } },
    ]);
  });

  it('lets nothing be said after the acknowledgement of a kick, in whatever order the answers come', async () => {
    for (let later = 0; later < 20; later += 1) {
      const { scene, triggers } = await house();
      const bo = await scene.joined('room/1', userOf('bo'));
      const stack = triggers.on('message', 'room/*', new ScriptedStack());
      const saying = bo.session.publish('room/1', EVERYONE, '1');
      const kicked = scene.engine.kick('a', bo.session.id, 0, '');
      await after(later);
      stack.answer(PASS);
      const [ack, said] = await Promise.all([kicked, saying]);
      expect(said.ok && said.timetoken > (ack?.timetoken ?? 0n)).toBe(false);
    }
  });

  it('of a stack that changed meanwhile says nothing: the new one sees the message as it was sent', async () => {
    const { scene, triggers } = await house();
    const ada = await scene.joined('room/1');
    const [old, next] = [triggers.on('message', 'room/*', new ScriptedStack()), new ScriptedStack()];
    const said = ada.session.publish('room/1', EVERYONE, '"raw"');
    triggers.on('message', 'room/*', next);
    old.answer({ pass: true, data: '"of the old one"' });
    await settled();
    expect(next.calls).toMatchObject([{ data: '"raw"' }]);
    next.answer(PASS);
    expect(await said).toMatchObject({ ok: true });
    scene.clock.turn();
    expect(ada.outlet.texts()).toEqual(['raw']);
  });

  it('narrows whom a message reaches, and never widens it', async () => {
    const { scene, triggers } = await house();
    const [ada, bo, anonymous] = [
      await scene.joined('room/1', userOf('ada')),
      await scene.joined('room/1', userOf('bo')),
      await scene.joined('room/1'),
    ];
    const everyone = [ada, bo, anonymous];
    const reached = () => {
      scene.clock.turn();
      const who = everyone.map(({ outlet }) => outlet.texts().length);
      for (const { outlet } of everyone) outlet.clear();
      return who;
    };
    const narrow = (to: Parameters<typeof answerWith>[0]) => triggers.on('message', 'room/*', answerWith(to));
    narrow({ to: 'authenticated' });
    await ada.session.publish('room/1', EVERYONE, '1');
    expect(reached()).toEqual([1, 1, 0]);
    narrow({ to: 'user', user: 'bo' });
    await ada.session.publish('room/1', EVERYONE, '1');
    expect(reached()).toEqual([0, 1, 0]);
    narrow({ to: 'table', table: 1 });
    await anonymous.session.publish('room/1', EVERYONE, '1');
    expect(reached()).toEqual([1, 1, 0]);
    narrow({ to: 'authenticated' });
    await ada.session.publish('room/1', { to: 'session', session: bo.session.id }, '1');
    expect(reached()).toEqual([0, 1, 0]);
    const toAnonymous = { to: 'session', session: anonymous.session.id } as const;
    expect(await ada.session.publish('room/1', toAnonymous, '1')).toMatchObject({ code: 'trigger.blocked' });
    narrow({ to: 'table', table: 1 });
    const toBo = { to: 'session', session: bo.session.id } as const;
    expect(await ada.session.publish('room/1', toBo, '1')).toMatchObject({ code: 'trigger.blocked' });
    expect(reached()).toEqual([0, 0, 0]);
  });

  it('is asked before what has to be ready for those it leaves, and all is decided again after that', async () => {
    const { scene, triggers } = await house();
    const { outlet } = await scene.joined('room/1', userOf('bo'));
    triggers.on('message', 'room/*', new ScriptedStack(() => ({ pass: true, narrow: { to: 'authenticated' } })));
    const prepared: { readonly audience: unknown; readonly done: () => void }[] = [];
    const say = () =>
      scene.engine.stateless.publishAs({
        app: 'a',
        principal: userOf('ada'),
        channel: 'room/1',
        target: EVERYONE,
        kind: 'file',
        data: '1',
        store: true,
        prepare: (audience) => new Promise<void>((done) => prepared.push({ audience, done })),
      });
    const said = say();
    await settled();
    expect(prepared.map(({ audience }) => audience)).toEqual([{ to: 'authenticated' }]);
    scene.clock.turn();
    expect(outlet.kinds()).toEqual([]);
    prepared[0]?.done();
    expect(await said).toMatchObject({ ok: true });
    scene.clock.turn();
    expect(outlet.kinds()).toEqual(['file']);

    const late = say();
    await settled();
    await scene.engine.commit('a', [{ type: 'ban.put', ban: { id: 9, user: 'ada', reason: '', hold: false } }]);
    prepared[1]?.done();
    expect(await late).toMatchObject({ ok: false, code: 'identity.banned' });
  });

  it('that makes a message longer than a message may be fails it', async () => {
    const { scene, triggers } = await house();
    const ada = await scene.joined('room/1');
    const data = JSON.stringify('x'.repeat(40_000));
    triggers.on('message', 'room/*', new ScriptedStack(() => ({ pass: true, data })));
    expect(await ada.session.publish('room/1', EVERYONE, '1')).toMatchObject({ code: 'trigger.failed' });
  });

  it('whose rule keeps changing is given up as stale', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('message', 'room/*', new ScriptedStack());
    const ada = await scene.joined('room/1');
    const said = ada.session.publish('room/1', EVERYONE, '1');
    for (const description of ['a', 'b']) {
      await scene.put(ruleOf(1, 'room/*', { ...ROOM, description }));
      stack.answer(PASS);
      await settled();
    }
    expect(await said).toMatchObject({ code: 'trigger.stale' });
  });

  it('spends the channel’s rate once, however often it is asked', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('message', 'room/*', new ScriptedStack());
    const definition = { triggers, limits: { ...LIMITS, ratePerChannel: 1 } };
    await scene.define('a', definition);
    const ada = await scene.joined('room/1');
    const said = ada.session.publish('room/1', EVERYONE, '1');
    await scene.put(ruleOf(1, 'room/*', { ...ROOM, description: 'changed' }));
    stack.answer(PASS);
    await settled();
    stack.answer(PASS);
    expect(await said).toMatchObject({ ok: true });
  });
});

function answerWith(narrow: Narrowing): ScriptedStack {
  return new ScriptedStack(() => ({ pass: true, narrow }));
}

describe('triggers made here', () => {
  it('are compiled under the policy epoch that makes them, and a bad one changes nothing', async () => {
    const { scene, triggers } = await house();
    const trigger = { id: 1_000_001, spec: { channel: 'room/*' } };
    const { epoch } = await scene.engine.commit('a', [{ type: 'trigger.put', trigger }]);
    expect(triggers.stored).toEqual([trigger]);
    triggers.compile = () => {
      throw new RangeError('a bad one');
    };
    await expect(scene.engine.commit('a', [{ type: 'trigger.delete', id: trigger.id }])).rejects.toThrow('a bad one');
    expect(scene.engine.source('a').epoch).toBe(epoch);
  });
});
