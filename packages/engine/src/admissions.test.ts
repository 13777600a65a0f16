import { ANONYMOUS, type Principal } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import type { PollAnswer, PollName } from './stateless-api.ts';
import { OPEN, ruleOf, Scene, userOf } from './testing/scene.fixture.ts';
import { BLOCK, PASS, ScriptedStack, ScriptedTriggers } from './testing/triggers.fixture.ts';

const ROOM = { ...OPEN, history: 10 };
const room = (name: string): PollName => ({ of: 'channel', name, presence: false });

async function house() {
  const triggers = new ScriptedTriggers();
  const definition = { triggers, replay: { messages: 100, age: 1_200_000 } };
  const scene = await Scene.open([ruleOf(1, 'room/*', ROOM), ruleOf(2, 'hall/*', ROOM)], { definition });
  return { scene, triggers };
}

const say = (scene: Scene, principal: Principal, channel = 'room/1', text = 'hi') =>
  scene.engine.stateless.publishAs({
    app: 'a',
    principal,
    channel,
    target: { to: 'everyone' },
    kind: 'message',
    data: JSON.stringify(text),
    store: true,
  });

function listen(scene: Scene, principal: Principal, names: readonly PollName[]) {
  const poll = scene.engine.stateless.poll({ app: 'a', principal, names, cursor: null, limit: 100 });
  const heard: { answer: PollAnswer | null } = { answer: null };
  poll.onAnswer((answer) => {
    heard.answer = answer;
  });
  return heard;
}

const texts = ({ answer }: { answer: PollAnswer | null }) =>
  answer?.ok ? answer.items.map(({ publication }) => JSON.parse(publication.data)) : answer;

async function settled(): Promise<void> {
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
}

describe('who publishes without a connection', () => {
  it('is let in by the join trigger first, which is asked once a minute for each of them', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const ada = userOf('ada');
    const both = [say(scene, ada), say(scene, ada)];
    expect(stack.calls).toMatchObject([{ action: 'join', channel: 'room/1', principal: ada, session: '' }]);
    stack.answer(PASS);
    expect(await Promise.all(both)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await say(scene, ada)).toMatchObject({ ok: true });
    expect(stack.calls).toHaveLength(1);
    scene.clock.advance(60_000);
    const later = say(scene, ada);
    expect(stack.calls).toHaveLength(2);
    stack.answer(BLOCK);
    expect(await later).toMatchObject({ code: 'trigger.blocked', message: 'no' });
    expect(await say(scene, ada)).toMatchObject({ code: 'trigger.blocked' });
    expect(stack.calls).toHaveLength(2);
  });

  it('is asked anew for another channel, another proof, and under another rule or stack', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack(() => PASS));
    const ada = userOf('ada');
    for (const [principal, channel] of [
      [ada, 'room/1'],
      [ada, 'room/2'],
      [userOf('ada'), 'room/1'],
      [ANONYMOUS, 'room/1'],
    ] as const) {
      await say(scene, principal, channel);
      await say(scene, principal, channel);
    }
    expect(stack.calls).toHaveLength(4);
    await scene.put(ruleOf(1, 'room/*', { ...ROOM, description: 'another' }));
    await say(scene, ada);
    expect(stack.calls).toHaveLength(5);
    const next = triggers.on('join', 'room/*', new ScriptedStack(() => BLOCK));
    expect(await say(scene, ada)).toMatchObject({ code: 'trigger.blocked' });
    expect(next.calls).toHaveLength(1);
  });

  it('of whom the rule changes while it is asked is decided by the rule as it stands', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const said = say(scene, userOf('ada'));
    await scene.put(ruleOf(1, 'room/*', { ...ROOM, enabled: false }));
    stack.answer(PASS);
    expect(await said).toMatchObject({ code: 'channel.no-rule' });
  });

  it('is not asked for a server, and a failure is no answer for long', async () => {
    const { scene, triggers } = await house();
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    expect(await say(scene, { kind: 'server', name: 'k', credentials: [] })).toMatchObject({ ok: true });
    expect(stack.calls).toEqual([]);
    const said = say(scene, ANONYMOUS);
    stack.answer(new Error('broken'));
    expect(await said).toMatchObject({ code: 'trigger.failed' });
    scene.clock.advance(1_000);
    const again = say(scene, ANONYMOUS);
    stack.answer(PASS);
    expect(await again).toMatchObject({ ok: true });
  });
});

describe('who reads without a connection', () => {
  it('gets nothing of a channel before its join trigger has said yes, and then all of it', async () => {
    const { scene, triggers } = await house();
    const heard = listen(scene, ANONYMOUS, [room('room/1')]);
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    await say(scene, { kind: 'server', name: 'k', credentials: [] }, 'room/1', 'one');
    scene.clock.turn();
    expect(stack.calls).toHaveLength(1);
    await settled();
    expect(heard.answer).toBeNull();
    stack.answer(PASS);
    await settled();
    expect(texts(heard)).toEqual(['one']);
  });

  it('is refused where the trigger says no, and left with the rest of a group', async () => {
    const { scene, triggers } = await house();
    await scene.engine.commit('a', [{ type: 'group.put', group: 'g', channels: ['room/1', 'hall/1'] }]);
    const stack = triggers.on('join', 'room/*', new ScriptedStack(() => BLOCK));
    const direct = listen(scene, ANONYMOUS, [room('room/1')]);
    const grouped = listen(scene, ANONYMOUS, [{ of: 'group', name: 'g', presence: false }]);
    const server = { kind: 'server', name: 'k', credentials: [] } as const;
    await say(scene, server, 'room/1', 'secret');
    await say(scene, server, 'hall/1', 'open');
    scene.clock.turn();
    await settled();
    scene.clock.turn();
    await settled();
    expect(direct.answer).toMatchObject({ ok: false, denied: { code: 'trigger.blocked' } });
    expect(texts(grouped)).toEqual(['open']);
    expect(stack.calls.length).toBeLessThanOrEqual(2);
  });

  it('asks once for what decisions need, and is refused what was not asked', async () => {
    const { scene, triggers } = await house();
    triggers.on('join', 'room/*', new ScriptedStack(({ principal }) => (principal.kind === 'user' ? PASS : BLOCK)));
    const { stateless } = scene.engine;
    const may = (principal: Principal, operation: 'history' | 'subscribe' | 'here-now') => {
      const decision = stateless.decide('a', { operation, principal, now: scene.clock.now(), name: 'room/1' });
      return decision.allowed || decision.code;
    };
    const ada = userOf('ada');
    expect(may(ada, 'history')).toBe('trigger.failed');
    await stateless.admit('a', ada, ['room/1']);
    await stateless.admit('a', ANONYMOUS, ['room/1']);
    for (const operation of ['history', 'subscribe', 'here-now'] as const) {
      expect([may(ada, operation), may(ANONYMOUS, operation)]).toEqual([true, 'trigger.blocked']);
    }
    const present = (principal: Principal) => {
      const beat = { app: 'a', principal, channels: ['room/1'], usual: 1_000 };
      return stateless.heartbeat(beat).ok;
    };
    expect([present(ada), present({ ...ANONYMOUS, kind: 'stated', user: 'eve' })]).toEqual([true, false]);
  });

  it('is told in the words of the trigger why it is refused, whatever else clients are told', async () => {
    const { scene, triggers } = await house();
    triggers.on('join', 'room/*', new ScriptedStack(() => BLOCK));
    const { stateless } = scene.engine;
    await stateless.admit('a', ANONYMOUS, ['room/1']);
    const request = { operation: 'history', principal: ANONYMOUS, now: scene.clock.now(), name: 'room/1' } as const;
    const denied = stateless.decide('a', request);
    if (denied.allowed) throw new Error('it was let in');
    expect(stateless.refuse('a', request, denied)).toEqual({ ok: false, code: 'trigger.blocked', message: 'no' });
  });

  it('learns where a user is as far as join triggers let it in there', async () => {
    const { scene, triggers } = await house();
    const { stateless } = scene.engine;
    const ada = userOf('ada');
    stateless.heartbeat({ app: 'a', principal: ada, channels: ['room/1', 'hall/1'], usual: 60_000 });
    const stack = triggers.on('join', 'room/*', new ScriptedStack());
    const where = (principal: Principal) => stateless.whereNow('a', principal, { user: 'ada', proven: true });
    expect(where(ANONYMOUS)).toEqual(['hall/1']);
    const asked = stateless.admitWhere('a', ANONYMOUS, { user: 'ada', proven: true });
    stack.answer(BLOCK);
    await asked;
    expect(where(ANONYMOUS)).toEqual(['hall/1']);
    const bo = userOf('bo');
    const admitted = stateless.admitWhere('a', bo, { user: 'ada', proven: true });
    stack.answer(PASS);
    await admitted;
    expect(where(bo)).toEqual(['room/1', 'hall/1']);
    expect(stateless.admitWhere('a', bo, { user: 'ada', proven: true })).toBeNull();
    expect(stack.calls.map(({ channel }) => channel)).toEqual(['room/1', 'room/1']);
  });

  it('is not asked where no trigger is: polls and publishes stay within one turn', async () => {
    const { scene, triggers } = await house();
    triggers.on('join', 'room/*', new ScriptedStack());
    expect(scene.engine.stateless.admit('a', ANONYMOUS, ['hall/1', 'nowhere'])).toBeNull();
    const heard = listen(scene, ANONYMOUS, [room('hall/1')]);
    await say(scene, ANONYMOUS, 'hall/1');
    scene.clock.turn();
    expect(texts(heard)).toEqual(['hi']);
  });
});

describe('a session that is not in a channel', () => {
  it('reads its history only where the join trigger would let it in', async () => {
    const { scene, triggers } = await house();
    const { session, outlet } = scene.connect(userOf('ada'));
    triggers.on('join', 'room/*', new ScriptedStack(() => BLOCK));
    expect(await session.history('room/1', {})).toMatchObject({ ok: false, code: 'trigger.blocked' });
    expect(outlet.kinds()).toEqual([]);
    triggers.on('join', 'room/*', new ScriptedStack(() => PASS));
    expect(await session.history('room/1', {})).toEqual({ ok: true });
    scene.clock.turn();
    expect(outlet.kinds()).toEqual(['history']);
  });
});
