import type { IdentityLimits } from './key-config.ts';

/** Control, format and unpaired surrogate characters: they make two ids look alike and break logs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}]/u;

/** Why a text cannot be a user id (or the table or row of one); `undefined` when it can. */
export function unfitUserId(id: string, limits: Pick<IdentityLimits, 'userId'>): string | undefined {
  if (id === '') return 'must not be empty';
  if (Buffer.byteLength(id) > limits.userId) return `must not be longer than ${limits.userId} bytes`;
  return UNPRINTABLE.test(id) ? 'must not hold control or format characters' : undefined;
}
