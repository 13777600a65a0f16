import { refusal } from '../http/answers.ts';
import type { Answer, PubNubApp } from '../http/call.ts';
import { type Family, problem } from '../http/families.ts';

/** The app of the keys in a path. A publish key has to be that of the same app. */
export function findApp(
  { sub, pub }: { readonly sub?: string | undefined; readonly pub?: string | undefined },
  appByKey: (subscribeKey: string) => PubNubApp | undefined,
): PubNubApp | undefined {
  const app = sub === undefined ? undefined : appByKey(sub);
  const fits = pub === undefined || (pub !== '' && pub === app?.publishKey);
  return fits ? app : undefined;
}

/** How these paths say that no app has the keys. */
export function unknownKey(family: Family, timetoken: bigint): Answer {
  const code = 'app.unknown-key';
  if (family.errors === 'array') return problem(family, { code, message: 'Invalid Key' }, timetoken);
  if (family.service === 'actions') return problem(family, { code, message: 'Invalid Subkey' }, timetoken);
  return refusal(code);
}
