import { EVENT_TYPES, eventRow, isEventType } from '../event-types.ts';

const SOURCES = {
  messages: 'Messages',
  presence: 'Presence',
  users: 'Users',
  channels: 'Channels',
  memberships: 'Memberships',
  access: 'Access',
  automation: 'Automation',
} as const;

const HEAD = `# Events

What listeners can be told of ([actions](actions.md)). Written from the table in \`packages/engine/src/event-types.ts\` by \`node scripts/generate-events-docs.mjs\`.

Every event carries

| field | holds |
|---|---|
| \`id\` | names it; the same when it is handed over again |
| \`type\` | one of those below |
| \`at\` | ms since 1970 |
| \`app\` | the app |
| \`channel\` | the channel, where there is one |
| \`principal\` | \`{ kind, user, claimedUser, dbo, row, extras, grant, name }\`, always whole: \`user\` is proven and \`""\` for everyone else, \`claimedUser\` only stated, \`grant\` the id of a permission token, \`name\` that of a server or trigger |
| \`code\` | why it was refused: one of [codes](codes.md) |
| \`trail\` | the listeners whose actions brought it about, the first one first; absent where none did |
| \`data\` | what its type says beside |

In a listener's \`on\`, \`presence.*\` stands for all that begin so, and \`*\` for all.
`;

/** `docs/events.md`. */
export function eventsPage(): string {
  const types = Object.keys(EVENT_TYPES).filter(isEventType);
  const sections = Object.entries(SOURCES).map(([source, title]) => {
    const rows = types
      .map((type) => ({ type, row: eventRow(type) }))
      .filter(({ row }) => row.source === source)
      .map(({ type, row: { says, data, vendor } }) => {
        const fields = Object.entries(data).map(([name, holds]) => `\`${name}\`: ${holds}`);
        return `| \`${type}\` | ${says} | ${fields.join('; ') || '–'} | ${vendor === undefined ? '–' : `\`${vendor}\``} |`;
      });
    return `## ${title}\n\n| type | when | \`data\` | in the PubNub envelopes |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${HEAD}\n${sections.join('\n')}`;
}
