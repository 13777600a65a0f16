import { type CompiledTarget, compileTarget, matchesCompiled } from '@portcullis/policy';
import type { PresenceEvents, PresenceEventType } from '../http/settings.ts';

type Told = readonly { readonly target: CompiledTarget; readonly events: ReadonlySet<PresenceEventType> }[];

/** By the configured list, which is replaced whole when the configuration changes. */
const compiled = new WeakMap<readonly PresenceEvents[], Told>();

/** Whether the app tells such events of presence on the channel. Without a list all are told; with one, those of the first target that matches. */
export function isTold(list: readonly PresenceEvents[], channel: string, event: PresenceEventType): boolean {
  if (list.length === 0) return true;
  let told = compiled.get(list);
  if (told === undefined) {
    told = list.map((entry) => ({ target: compileTarget(entry), events: new Set(entry.events) }));
    compiled.set(list, told);
  }
  return told.find(({ target }) => matchesCompiled(target, channel))?.events.has(event) === true;
}
