import type { Happening } from '@portcullis/engine';
import { describe, expect, it } from 'vitest';
import { draftEvent } from './event.ts';
import { RecentEvents } from './recent-events.ts';

const happening = (more: Partial<Happening> = {}): Happening => ({
  type: 'message.published',
  principal: { kind: 'user', user: 'ann', table: 1, row: 'ann', extras: { team: 'x' }, credentials: [] },
  channel: 'room/1',
  data: { timetoken: '1', position: null },
  texts: { message: '{"text":"hello"}', meta: 'null' },
  ...more,
});
const made = { id: 'evt-1', at: 5, app: 'a' };

/** Whoever is told of an event, or looks into its data, has asked for its id. */
function asked() {
  let ids = 0;
  return {
    at: 5,
    app: 'a',
    ids: () => ids,
    get id() {
      ids += 1;
      return `evt-${ids}`;
    },
  };
}

describe('the draft of an event', () => {
  it.each([
    ['a message', happening()],
    ['a refusal', happening({ type: 'access.denied', code: 'channel.no-rule', texts: {} })],
    ['what an action brought about', happening({ trail: ['one', 'two'] })],
    [
      'what is in no channel',
      { type: 'app.changed', principal: { kind: 'anonymous', credentials: [] }, data: {} } as const,
    ],
  ])('of %s says the same as text, as a whole, and of all but its id and data', (_, what) => {
    const draft = draftEvent(what, made);
    const { id, data, ...head } = JSON.parse(draft.text);
    expect(draft.event()).toEqual({ id, data, ...head });
    expect(draft.head).toEqual(head);
    expect(id).toBe('evt-1');
  });

  it('has no id before somebody asks for it', () => {
    const about = asked();
    const draft = draftEvent(happening(), about);
    expect(draft.head.channel).toBe('room/1');
    expect(about.ids()).toBe(0);
    expect(draft.event().id).toBe('evt-1');
    expect(draft.text).toContain('"id":"evt-1"');
  });
});

describe('the newest events', () => {
  it('are remembered by number and by length, and written when somebody looks', () => {
    const recent = new RecentEvents();
    const about = asked();
    for (let n = 0; n < 150; n += 1) recent.add(draftEvent(happening({ channel: `room/${n}` }), about));
    expect(about.ids()).toBe(0);
    const channels = recent.all().map((text) => JSON.parse(text).channel);
    expect([channels.length, channels[0], channels.at(-1)]).toEqual([100, 'room/50', 'room/149']);
    const long = JSON.stringify('x'.repeat(400_000));
    for (let n = 0; n < 4; n += 1) recent.add(draftEvent(happening({ texts: { message: long } }), about));
    expect(recent.all()).toHaveLength(2);
  });
});
