import { validateTarget } from '@portcullis/policy';
import type { SettingsInput } from '../resolve.ts';
import type { Path } from '../source.ts';
import { error, type Finding, type Surroundings, warning } from './check.ts';

/** Bounds of the PubNub door that contradict each other, or that nothing could reach. */
export function checkPubNub({ pubnub }: SettingsInput, at: Path, { maxHeader }: Surroundings): Finding[] {
  const path = [...at, 'pubnub'];
  const { minPresenceTimeout: least, presenceTimeout: usual, maxPresenceTimeout: most, maxUrl } = pubnub;
  const findings: Finding[] = [];
  if (least > most) findings.push(error([...path, 'minPresenceTimeout'], 'is more than maxPresenceTimeout'));
  else if (usual < least || usual > most) {
    findings.push(error([...path, 'presenceTimeout'], 'is not between minPresenceTimeout and maxPresenceTimeout'));
  }
  if (maxUrl > maxHeader) {
    findings.push(
      warning([...path, 'maxUrl'], `is more than server.maxHeader (${maxHeader} bytes), which comes first`),
    );
  }
  return [...findings, ...checkPresenceEvents(pubnub.presenceEvents, [...path, 'presenceEvents'])];
}

function checkPresenceEvents(list: SettingsInput['pubnub']['presenceEvents'], at: Path): Finding[] {
  return list.flatMap(({ target, nested }, index) => {
    const checked = validateTarget(target, nested);
    return checked.ok ? [] : [error([...at, index, 'target'], checked.reason)];
  });
}
