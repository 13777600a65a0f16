import { type Principal, statedUser } from '@portcullis/policy';

/** Whether one proof may take the place of the other: the same user, proven or stated as before. */
export function isSameUser(before: Principal, after: Principal): boolean {
  if (before.kind !== after.kind) return false;
  if (before.kind === 'server' && after.kind === 'server') return before.name === after.name && before.as === after.as;
  return statedUser(before) === statedUser(after);
}
