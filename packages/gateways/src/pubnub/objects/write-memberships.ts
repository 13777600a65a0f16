import type { MembershipKey, MembershipRow } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { etagOf, type Patch, patched, timeOf } from './fields.ts';
import { objectProblem } from './object-answers.ts';
import { tellMembership } from './object-events.ts';
import { membershipTold } from './object-told.ts';
import { keyOf, type Side } from './side.ts';

/** Writes that lost against another one are tried again so often. */
const MOST_TRIES = 5;

export interface MembershipWrite {
  readonly side: Side;
  readonly id: string;
  readonly set: ReadonlyMap<string, Patch>;
  readonly remove: ReadonlySet<string>;
  /** Decides anew; asked in the turn of each write. */
  readonly may: () => Answer | undefined;
}

/** Sets, then removes, and tells of what has changed. Answers what went wrong; before the first write, nothing was done. */
export async function writeMemberships(
  call: Call,
  deps: PubNubDeps,
  write: MembershipWrite,
): Promise<Answer | undefined> {
  const failed = write.set.size > 0 ? await set(call, deps, write) : undefined;
  if (failed) return failed;
  const denied = write.may();
  if (denied || write.remove.size === 0) return denied;
  const keys = [...write.remove].map((other) => keyOf(write.id, other, write.side));
  const heard = deps.engine.events(call.app.app).hears('membership.deleted');
  const told = (key: MembershipKey) => membershipTold(call, deps, { change: 'deleted', row: key });
  const gone = await deps.store.deleteMemberships(call.app.app, keys, heard ? told : undefined);
  for (const row of gone) await tellMembership(call, deps, row, 'delete');
  return undefined;
}

async function set(call: Call, deps: PubNubDeps, { side, id, set: patches, may }: MembershipWrite) {
  const { app, settings } = call.app;
  const keys = [...patches].map(([other, patch]) => ({ key: keyOf(id, other, side), patch }));
  for (let time = 1; time <= MOST_TRIES; time++) {
    const before = await Promise.all(keys.map(({ key }) => deps.store.membership(app, key)));
    const fresh = keys.filter((_, at) => before[at] === null).map(({ key }) => key.user);
    if (await isOver(call, deps, fresh, settings.membershipsPerUser)) {
      const code = 'limit.membershipsPerUser';
      return objectProblem(CODES[code].http, CODES[code].sentence, code);
    }
    const denied = may();
    if (denied) return denied;
    const rows = keys.flatMap(({ key, patch }, at) => changed(key, patch, before[at] ?? null, deps.engine.now()));
    if (rows.length === 0) return undefined;
    const told = rows.flatMap(({ expectedEtag, ...row }) =>
      membershipTold(call, deps, { change: expectedEtag === null ? 'created' : 'updated', row }),
    );
    if ((await deps.store.putMemberships(app, rows, told)) === 'conflict') continue;
    for (const { expectedEtag: _, ...row } of rows) await tellMembership(call, deps, row, 'set');
    return undefined;
  }
  return objectProblem(409, 'Memberships were changed by others meanwhile.', 'request.conflict');
}

/** The row to write, unless it is there just so already. */
function changed(
  key: Pick<MembershipRow, 'user' | 'channel'>,
  patch: Patch,
  before: MembershipRow | null,
  now: number,
) {
  const fields = patched(before?.fields ?? {}, patch);
  const etag = etagOf(fields);
  if (before?.etag === etag) return [];
  return [{ ...key, fields, etag, updated: timeOf(now, before), expectedEtag: before?.etag ?? null }];
}

/** Whether one of the users would have more memberships than allowed. */
async function isOver({ app }: Call, { store }: PubNubDeps, users: readonly string[], most: number): Promise<boolean> {
  const added = new Map<string, number>();
  for (const user of users) added.set(user, (added.get(user) ?? 0) + 1);
  for (const [user, more] of added) {
    if ((await store.countMemberships(app.app, { user })) + more > most) return true;
  }
  return false;
}
