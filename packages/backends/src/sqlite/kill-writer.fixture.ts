import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SILENT_LOG } from '@portcullis/engine';
import { actionAt, membersAt, messageAt, ruleAt } from './data-folder.fixture.ts';
import { openSqliteStore } from './open-store.ts';

/** Said with a system call of its own, so that the line is out when the next statement runs. Waits while the pipe is full. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
}

/** Goes on where the store ended: appends in bursts, reacts, changes a rule and two memberships now and then, and says what was acknowledged. */
export async function writeWithoutEnd(folder: string): Promise<void> {
  const store = await openSqliteStore({ folder, log: SILENT_LOG });
  let offset = (await store.head('demo', 'room'))?.offset ?? 0;
  let epoch = (await store.load()).apps[0]?.epoch ?? 0;
  let members = Number((await store.membership('demo', { user: 'ann', channel: 'room' }))?.etag ?? 0);
  for (let turn = 0; ; turn += 1) {
    const burst = 1 + (turn % 7);
    for (let n = 0; n < burst; n += 1) {
      const next = ++offset;
      const publication = messageAt(next - 1, `{"n":${next}}`);
      void store.append({ publication, keep: 1_000_000 }).then(() => say(`a${next}`));
    }
    if (turn % 5 === 0) {
      const raised = ++epoch;
      const changes = [{ type: 'rule.put', rule: ruleAt(raised) }] as const;
      void store.commit('demo', raised, changes).then(() => say(`c${raised}`));
    }
    if (turn % 3 === 0) {
      const reacted = offset;
      void store.addAction(actionAt(reacted - 1)).then((answer) => answer === 'added' && say(`r${reacted}`));
    }
    if (turn % 4 === 0) {
      const put = ++members;
      void store.putMemberships('demo', membersAt(put)).then((answer) => answer === 'put' && say(`m${put}`));
    }
    await nextTurn();
  }
}
