import type { AppEvent } from '../event.ts';
import type { BasicFilter } from '../spec.ts';

export function basicFilter({ field, condition, value }: BasicFilter): (event: AppEvent) => boolean {
  const textOf = (event: AppEvent) => (field === 'channel' ? (event.channel ?? '') : senderOf(event));
  return condition === 'exact' ? (event) => textOf(event) === value : (event) => textOf(event).includes(value);
}

/** The user id as others know it, proven or only stated. */
export const senderOf = ({ principal: { user, claimedUser } }: AppEvent): string => user || claimedUser;
