import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Occupants } from './occupants.ts';

const member = fc.record({ user: fc.constantFrom('', 'ada', 'bob'), proven: fc.boolean() });

it('counts distinct users, the anonymous one by one, and of a proven and a stated one of one name the proven', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(member, fc.nat(9)), { maxLength: 40 }), (acts) => {
      const occupants = new Occupants();
      const here: { user: string; proven: boolean }[] = [];
      for (const [came, who] of acts) {
        const gone = who < here.length ? here.splice(who, 1)[0] : undefined;
        if (gone) occupants.change(gone, -1);
        else here.push(came.user === '' ? { user: '', proven: false } : came);
        if (!gone) occupants.change(here[here.length - 1] ?? came, 1);
        const anonymous = here.filter(({ user }) => user === '').length;
        expect(occupants.count).toBe(anonymous + new Set(here.flatMap(({ user }) => (user === '' ? [] : [user]))).size);
        for (const proven of [true, false]) {
          const ada = here.filter((one) => one.user === 'ada' && one.proven === proven).length;
          expect(occupants.of({ user: 'ada', proven })).toBe(ada);
        }
      }
    }),
  );
});
