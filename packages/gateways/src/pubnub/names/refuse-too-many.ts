import { baseOfPresence } from '@portcullis/policy';
import { refusal } from '../http/answers.ts';
import type { Answer } from '../http/call.ts';
import type { PubNubSettings } from '../http/settings.ts';

type PerCall = Pick<PubNubSettings, 'channelsPerCall' | 'groupsPerCall'>;

/** Refuses a call that names more than one call may. A name and its `-pnpres` twin, which SDKs send along, are one. */
export function refuseTooMany(
  channels: readonly string[],
  groups: readonly string[],
  { channelsPerCall, groupsPerCall }: PerCall,
): Answer | undefined {
  const ofGroups = distinct(groups);
  if (ofGroups > groupsPerCall) return refusal('limit.groupsPerCall');
  return distinct(channels) + ofGroups > channelsPerCall ? refusal('limit.channelsPerCall') : undefined;
}

const distinct = (names: readonly string[]): number => new Set(names.map((name) => baseOfPresence(name) ?? name)).size;
