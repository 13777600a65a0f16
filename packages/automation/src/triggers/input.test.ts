import type { JoinCall, MessageCall } from '@portcullis/engine';
import { RULE_DEFAULTS, type Rule } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { inputOf } from './input.ts';

const rule: Rule = { ...RULE_DEFAULTS, target: 'room/*', nested: true, id: 1, version: 0, origin: 'file' };
const asked = { app: 'a', channel: 'room/7', rule, session: 's1', at: 5 } as const;
const join: JoinCall = {
  ...asked,
  action: 'join',
  principal: { kind: 'user', user: 'bo', table: 3, row: 4, extras: { team: 'x' }, credentials: [] },
  options: { presence: true, history: false },
};
const message = (data: string): MessageCall => ({
  ...asked,
  action: 'message',
  principal: { kind: 'anonymous', credentials: [] },
  kind: 'message',
  target: { to: 'everyone' },
  data,
  meta: '{"m":1}',
  store: true,
  fire: false,
  hops: 0,
});
const params = (channel: string) => [channel.slice(5)];

describe('the input of a call', () => {
  it('is whole, and in order, where it goes out as text', () => {
    expect(JSON.stringify(inputOf(message('{"text":"x"}'), params))).toBe(
      '{"action":"message","channel":"room/7","params":["7"],' +
        '"principal":{"kind":"anonymous","user":"","claimedUser":"","dbo":0,"row":0,"extras":{},"grant":null},' +
        '"options":{"kind":"message","to":"everyone","authenticated":false,"session":"","user":"","fire":false,' +
        '"store":true,"meta":{"m":1},"customType":"","presence":false,"history":false},' +
        '"payload":{"text":"x"},"at":5}',
    );
    for (const call of [join, message('{"text":"x"}'), message('null')]) {
      expect(inputOf(call, params).text).toBe(JSON.stringify(inputOf(call, params)));
    }
    expect(JSON.parse(JSON.stringify(inputOf(join, params)))).toMatchObject({
      action: 'join',
      principal: { kind: 'user', user: 'bo', dbo: 3, row: 4, extras: { team: 'x' } },
      options: { kind: 'join', to: '', presence: true, history: false },
      payload: { presence: true, history: false },
    });
  });

  it.each([['{"text":"x"}'], ['null'], ['5'], ['"text"']])(
    'with payload %s tells whether a step left another',
    (data) => {
      const untouched = inputOf(message(data), params);
      expect(untouched.changed).toBeNull();
      expect(untouched.payload).toEqual(JSON.parse(data));
      expect(untouched.changed).toBeNull();
      const unread = inputOf(message(data), params);
      unread.payload = null;
      expect(unread.payload).toBeNull();
      expect(unread.changed).toBe(data === 'null' ? null : 'null');
      const set = inputOf(message(data), params);
      set.payload = { other: true };
      expect(set.payload).toEqual({ other: true });
      expect(set.changed).toBe('{"other":true}');
    },
  );

  it('of a join is never another', () => {
    const input = inputOf(join, params);
    input.payload = 1;
    expect(input.changed).toBeNull();
  });
});
