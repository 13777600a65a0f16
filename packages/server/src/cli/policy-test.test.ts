import { expect, test } from 'vitest';
import { CONFIG, createWorld } from './io.fixture.ts';

const PEOPLE = `
app: demo
people:
  guest: anonymous
  anna: { user: anna, table: 1, row: 7 }
  backend: server
`;
const GOOD = `${PEOPLE}
tests:
  - name: guests read the chat rooms
    who: guest
    channel: [chatroom/1, chatroom/a/b]
    may: [join, roster, history, receive]
    mayNot: [{ publish: channel.public-messaging-authenticated-only }, receive to authenticated]
  - who: [anna, backend]
    channel: members
    may: [join, publish]
  - who: anna
    channel: members
    may: [publish to session]
    mayNot: [publish to anonymous-session, roster]
`;
const world = (test: string) => createWorld({ files: { 'portcullis.yaml': CONFIG, 'a.policy.yaml': test } });

test('a table that holds exits with 0 and counts its questions', async () => {
  const { code, out, err } = await world(GOOD).run(['test']);
  expect(err).toBe('');
  expect({ code, out }).toEqual({ code: 0, out: '19 questions, 0 surprises' });
});

test('a surprise is told with its line, who, what and why', async () => {
  const table = `${PEOPLE}
tests:
  - name: nobody but members
    who: guest
    channel: members
    may: [join]
  - who: anna
    channel: chatroom/1
    mayNot:
      - publish
      - { roster: channel.presence-off }
      - { publish to authenticated: channel.no-rule }
`;
  const { code, err, out } = await world(table).run(['test', 'a.policy.yaml']);
  expect(code).toBe(1);
  expect(err.split('\n')).toEqual([
    expect.stringContaining(
      'a.policy.yaml:12 nobody but members: guest may not join in members: channel.anonymous-not-allowed (',
    ),
    'a.policy.yaml:16 anna may publish in chatroom/1, and must not',
    'a.policy.yaml:17 anna may roster in chatroom/1, and must not',
    'a.policy.yaml:18 anna may not publish to authenticated in chatroom/1, but because of channel.authenticated-messaging-off and not channel.no-rule',
  ]);
  expect(out).toContain('4 questions, 4 surprises');
});

test('rules that no test asks about are named', async () => {
  const { out } = await world(`${PEOPLE}\ntests: [{ who: guest, channel: chatroom/1, may: [join] }]`).run(['test']);
  expect(out.split('\n')).toEqual(['note: no test asks about rule 2 of demo, members', '1 question, 0 surprises']);
});

test('grants are tried like any other', async () => {
  const table = `
app: grants
people:
  reader: { user: r, grant: { read: [chat], patterns: { "read,write": ["room-.+"] } } }
  nobody: { user: n }
tests:
  - { who: reader, channel: chat, may: [join], mayNot: [{ publish: grant.missing-permission }] }
  - { who: reader, channel: room-1, may: [join, publish] }
  - { who: reader, channel: other, mayNot: [{ join: grant.not-covered }] }
  - { who: nobody, channel: chat, mayNot: [{ join: grant.none }] }
`;
  const { code, err } = await world(table).run(['test']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test.each([
  [`${PEOPLE}\ntests: [{ who: gest, channel: x, may: [join] }]`, 1, 'nobody is called "gest", did you mean "guest"?'],
  [
    `${PEOPLE}\ntests: [{ who: guest, channel: x, may: [jion] }]`,
    2,
    'there is no operation "jion", did you mean "join"?',
  ],
  [`${PEOPLE}\ntests: [{ who: guest, channel: x, maynot: [join] }]`, 2, 'unknown key, did you mean "mayNot"?'],
  [`${PEOPLE}\ntests: [{ who: guest, may: [join] }]`, 2, 'tests.1.channel: is required'],
  ['people: { a: { usr: x } }\napp: demo', 2, 'people.a.usr: unknown key, did you mean "user"?'],
  ['people: { a: { grant: { raed: [x] } } }\napp: demo', 2, '"raed" is no permission, did you mean "read"?'],
  ['app: nowhere\npeople: {}', 2, 'no app "nowhere"'],
  ['config: none.yaml\npeople: {}', 2, 'none.yaml: does not exist'],
])('%j is refused', async (table, code, message) => {
  const ran = await world(table).run(['test']);
  expect(ran.err).toContain(message);
  expect(ran.code).toBe(code);
});

test('without any file it says so', async () => {
  expect(await createWorld().run(['test'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('no *.policy.yaml'),
  });
});
