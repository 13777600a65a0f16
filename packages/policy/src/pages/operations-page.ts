import {
  type ChannelNeed,
  type NameKind,
  OPERATIONS,
  type Operation,
  type OperationRow,
  operationRow,
} from '../operations.ts';

const CHANNEL_NEEDS: { readonly [need in ChannelNeed]: string } = {
  none: '–',
  join: 'may join',
  send: 'joined; the switch of the audience',
  presence: 'joined; `presence`',
  history: 'may join; `history`',
  item: 'may join; `history`; the item’s audience',
  receive: 'joined; the item’s audience',
  'no-switch': 'no switch',
  own: 'no switch; one’s own',
  server: 'servers only',
};

const RESOURCES: { readonly [kind in NameKind]: string } = {
  none: '–',
  channel: 'the channel',
  presence: '`<channel>-pnpres`',
  wildcard: 'the wildcard name',
  member: 'the group or wildcard',
  group: 'the group',
  user: 'the user',
};

/** `docs/operations.md`, written from the table. */
export function operationsPage(): string {
  const rows = (Object.keys(OPERATIONS) as Operation[]).map(rowOf);
  return `# Operations

Everything a client can ask for, and what each needs. This page is written from the one table that every door, the REST
calls, history, presence, groups and wildcards are decided by (\`packages/policy/src/operations.ts\`); run
\`node scripts/generate-policy-docs.mjs\` after changing it.

A request passes two gates, each of which an app switches on or off (\`access.rules\`, \`access.grants\`):

- **Channel gate.** The rule that applies to the channel says what this kind of client may ever do there. *May join*: a
  rule applies, and the client is authenticated or \`anonymousClients\` is on. *Joined*: it has joined, or, on calls
  without a connection, may join now. With rules off every valid name is as under one rule with all switches on.
- **Bearer gate.** The grant in the permission token says what this bearer may do: the permission on the resource. A
  name listed under \`resources\` uses exactly that entry; otherwise the permissions of all matching patterns are joined.

*No switch*: no switch of a rule speaks of the operation. With rules on and grants off it is for servers; *one’s own*
also for a proven user. \`access: open\` lifts this. *Servers only* holds whatever the gates say. Servers (a secret key, or
an API key with the scope \`publish\` or \`act\`) need neither rule nor grant. A feature that is off is off for everybody.

| operation | does | channel gate | bearer gate | features |
|---|---|---|---|---|
${rows.join('\n')}

Notes:

- Sending: to everyone needs \`publicMessaging\` (and, with \`authenticatedOnly\`, an authenticated sender); to the
  authenticated needs \`authenticatedMessaging\` and an authenticated sender; to one session or user needs
  \`privateMessaging\` (and, with \`authenticatedOnly\`, both ends authenticated). What an authenticated client sends
  unflagged where only \`authenticatedMessaging\` is on goes to the authenticated.
- The channels that a group or wildcard stands for are each decided as \`subscribe.member\`: the channel gate by the
  channel, the bearer gate by the group or wildcard. Those denied are left out. A wildcard that only a pattern without
  an escaped \`\\*\` covers needs each channel granted as well.
- Heartbeats, here-now and state may name a group too. They then reach those of its channels on which the channel gate
  allows them; the bearer gate is asked about the group.
- Reactions are added and removed by those alone whom the message is for. They need no permission to read.
- \`groups.add-channel\` needs no permission with \`access.groupAdd: vendor\`.
- \`state.set\` and \`reactions.remove\` are for the user that the state or reaction belongs to.
`;
}

function rowOf(operation: Operation): string {
  const row = operationRow(operation);
  const features = row.features.length === 0 ? '–' : row.features.map((feature) => `\`${feature}\``).join(', ');
  return `| \`${operation}\` | ${row.summary} | ${CHANNEL_NEEDS[row.channel]} | ${spellBearer(row)} | ${features} |`;
}

function spellBearer({ bearer, name }: OperationRow): string {
  if (bearer === null) return '–';
  const resource = bearer.on === 'pnpres' ? RESOURCES.presence : RESOURCES[name];
  return `${bearer.permission} on ${resource}`;
}
