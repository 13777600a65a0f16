import type { SettingsInput } from '../resolve.ts';
import type { RootInput } from '../schema/root.ts';
import type { Path } from '../source.ts';
import { checkAccess } from './access.ts';
import { checkActions } from './actions.ts';
import { checkChannels, checkGateInUse, checkHistoryDefault } from './channels.ts';
import { error, type Finding, type Surroundings, warning } from './check.ts';
import { checkIdentity } from './identity.ts';
import { checkPubNub } from './pubnub.ts';
import { checkAppSecrets, checkServerSecrets } from './secrets.ts';
import { checkTriggers } from './triggers.ts';
import { checkUniqueness } from './uniqueness.ts';

export type { Finding, Surroundings } from './check.ts';

/** Everything that one key alone cannot tell. `around`: what counts of the server, which may run with other settings. */
export function checkConfig({ server, apps }: RootInput, around: Surroundings): Finding[] {
  const findings = [
    ...checkServerSecrets(server, around),
    ...checkServer(server),
    ...checkUniqueness(apps, (index) => ['apps', index]),
    ...apps.flatMap((app, index) => checkApp(app, ['apps', index], around)),
  ];
  if (apps.length === 0) {
    const closed =
      ', and the management API is closed; `portcullis init` writes a configuration that has an app and opens it';
    const more = server.adminToken === undefined ? closed : '';
    findings.push(warning(['apps'], `has no apps: nobody can connect until one is made${more}`));
  }
  return findings;
}

export function checkApp(app: SettingsInput, at: Path, server: Surroundings): Finding[] {
  const unreachable = app.connectionHash === undefined && app.keys.subscribe === undefined;
  return [
    ...checkAppSecrets(app, at, server),
    ...checkAccess(app, at),
    ...checkIdentity(app, at, server),
    ...checkChannels(app, at),
    ...checkHistoryDefault(app, at),
    ...checkGateInUse(app, at),
    ...checkPubNub(app, at, server),
    ...checkTriggers(app, at, server),
    ...checkActions(app, at, server),
    ...(unreachable ? [warning(at, 'has neither keys.subscribe nor a connectionHash: no client can name it')] : []),
  ];
}

function checkServer({ port, adminPort, origins }: RootInput['server']): Finding[] {
  const findings: Finding[] = [];
  if (adminPort !== undefined && adminPort === port && port !== 0) {
    findings.push(error(['server', 'adminPort'], 'is the port of the server; leave it out to share that port'));
  }
  if (origins?.includes('*')) findings.push(warning(['server', 'origins'], 'lets every web page connect'));
  return findings;
}
