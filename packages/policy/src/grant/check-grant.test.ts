import { describe, expect, test } from 'vitest';
import { checkGrant } from './check-grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { likelyGlob } from './likely-glob.ts';
import { mintGrant } from './mint-grant.ts';
import { checkPattern } from './pattern.ts';
import type { GrantSpec } from './token.ts';

const one = new Map([['a', 1]]);
const ok: GrantSpec = { ttl: 1, resources: { channels: one } };
const problems = (changed: Partial<GrantSpec>) => checkGrant({ ...ok, ...changed });

describe('a grant is refused', () => {
  test.each([0, -1, 43_201, 1.5, Number.NaN])('with ttl %s', (ttl) => {
    expect(problems({ ttl })).toEqual([{ at: 'ttl', message: 'Range should be 1 to 43200 minute(s).' }]);
  });

  test('with no permissions', () => {
    expect(checkGrant({ ttl: 1 })).toMatchObject([{ at: 'permissions' }]);
    expect(checkGrant({ ttl: 1, resources: { channels: new Map() } })).toMatchObject([{ at: 'permissions' }]);
  });

  test.each([0, -1, 1.5])('with the mask %s', (mask) => {
    expect(problems({ resources: { uuids: new Map([['uuid-1', mask]]) } })).toEqual([
      {
        at: 'resources.uuids',
        pattern: 'uuid-1',
        message: 'Unexpected value: `permissions.resources.uuids.uuid-1` must be positive and non-zero.',
      },
    ]);
  });

  test.each([
    ['channels', 16],
    ['channels', 256],
    ['groups', 2],
    ['uuids', 1],
  ] as const)('on %s with the bit %s, which means nothing there', (section, mask) => {
    expect(problems({ resources: { [section]: new Map([['x', mask]]) } })).toMatchObject([
      { at: `resources.${section}`, pattern: 'x' },
    ]);
  });

  test('with a name that no request can have', () => {
    for (const name of ['', '\ud800', 'x'.repeat(GRANT_LIMITS.nameBytes + 1)]) {
      expect(problems({ resources: { channels: new Map([[name, 1]]) } })).toMatchObject([
        { at: 'resources.channels', position: 0 },
      ]);
    }
    for (const authorizedUser of ['', '\udc00', 'x'.repeat(GRANT_LIMITS.nameBytes + 1)]) {
      expect(problems({ authorizedUser })).toMatchObject([{ at: 'authorizedUser' }]);
    }
  });

  test('with meta that is not made of scalars', () => {
    const meta = {
      a: {},
      b: [1],
      c: Number.POSITIVE_INFINITY,
      d: '\ud800',
      _nonce: 'x',
      e: null,
      f: 'text',
      '\udfff': 1,
    };
    expect(problems({ meta }).map(({ at }) => at)).toEqual([
      'meta.a',
      'meta.b',
      'meta.c',
      'meta.d',
      'meta._nonce',
      'meta.\udfff',
    ]);
  });

  test('with more patterns than the limit, or a token longer than it', () => {
    const many = new Map(Array.from({ length: GRANT_LIMITS.patterns + 1 }, (_, i) => [`p${i}`, 1]));
    expect(problems({ patterns: { channels: many } })).toMatchObject([{ at: 'patterns' }]);
    const long = new Map(Array.from({ length: 2000 }, (_, i) => [`channel-with-a-long-name-${i}`, 1]));
    const outcome = mintGrant(
      { ttl: 1, resources: { channels: long } },
      { app: 'a', secret: { id: 'k', secret: 's' }, now: 0, nonce: '0123456789abcdef' },
    );
    expect(outcome).toMatchObject({ ok: false, problems: [{ at: 'permissions' }] });
  });
});

describe('a bad pattern is named, with its position', () => {
  test.each([
    ['chat-[', 5, /missing closing \]/],
    ['a**', 1, /nested repetition/],
    ['*', 0, /missing argument/],
    ['(a', 0, /missing closing \)/],
    ['x(a)', 1, /non-capturing/],
    ['\\((?:a)[(](b)', 10, /non-capturing/],
    ['(?P<n>a)', 0, /non-capturing/],
    ['ab(?=c)', 2, /Perl syntax/],
    ['(a)\\1', 3, /escape/],
    ['(?:a{1000}){2}', 11, /repeat count/],
    ['(?:.{999}){1}(?:.{999})(?:.{999})', 0, /patternProgram/],
    ['', 0, /at least one/],
    ['a\ud800', 1, /well-formed/],
    ['\ufeffa', 0, /U\+FEFF/],
    ['a'.repeat(GRANT_LIMITS.patternLength + 1), GRANT_LIMITS.patternLength, /patternLength/],
  ])('%j', (pattern, position, message) => {
    expect(checkPattern(pattern)).toEqual({ ok: false, position, message: expect.stringMatching(message) });
    expect(problems({ patterns: { channels: new Map([[pattern, 1]]) } })).toMatchObject([
      { at: 'patterns.channels', pattern, position },
    ]);
  });

  test.each([
    '^chat-[0-9]+$',
    '(?:a|b)',
    '\\(a\\)',
    '[(]',
    '\\p{L}+',
    '(?i)chat',
    '\\Q(a)\\E',
    '^:channel_group-\\S*$',
  ])('%j is none', (pattern) => {
    expect(checkPattern(pattern)).toEqual({ ok: true });
  });
});

describe('text that readers of UTF-8 would shorten is not granted', () => {
  const text = '\ufeffann';
  test.each<[string, Partial<GrantSpec>, string]>([
    ['a user', { authorizedUser: text }, 'authorizedUser'],
    ['a name', { resources: { channels: new Map([[text, 1]]) } }, 'resources.channels'],
    ['a key of meta', { meta: { [text]: 1 } }, `meta.${text}`],
    ['text in meta', { meta: { of: text } }, 'meta.of'],
  ])('%s', (_, spec, at) => {
    expect(problems(spec)).toEqual([expect.objectContaining({ at, message: expect.stringContaining('U+FEFF') })]);
  });

  test('elsewhere in a text it stays', () => {
    expect(problems({ authorizedUser: 'ann\ufeff' })).toEqual([]);
  });
});

describe('a likely glob is pointed out, and granted', () => {
  test.each([
    ['chat-*', 5, 'chat-.*'],
    ['chat-*$', 5, 'chat-.*$'],
    ['a/*/b', 2, 'a/.*/b'],
    ['ab*', 2, 'ab.*'],
    ['room\\.*', 6, 'room\\..*'],
    ['team-?', 5, 'team-.'],
  ])('%s', (pattern, position, meant) => {
    expect(likelyGlob(pattern)).toEqual({ position, message: expect.stringContaining(`\`${meant}\``) });
    const outcome = mintGrant(
      { ttl: 1, patterns: { channels: new Map([[pattern, 1]]) } },
      { app: 'a', secret: { id: 'k', secret: 's' }, now: 0, nonce: '0123456789abcdef' },
    );
    expect(outcome).toMatchObject({ ok: true, warnings: [{ at: 'patterns.channels', pattern, position }] });
  });

  test.each(['chat-.*', 'chat-[0-9]*', '\\d*', '(?:-a)*', 'colou?r', 'ab*c', 'chat-.', 'a-+'])(
    '%s is none',
    (pattern) => {
      expect(likelyGlob(pattern)).toBeUndefined();
    },
  );
});

describe('a name that was probably meant as a pattern is pointed out, and granted', () => {
  const mint = (name: string) =>
    mintGrant(
      { ttl: 1, resources: { channels: new Map([[name, 1]]) } },
      { app: 'a', secret: { id: 'k', secret: 's' }, now: 0, nonce: '0123456789abcdef' },
    );

  test.each([
    ['a*', 1, 'a.*'],
    ['*', 0, '.*'],
    ['room.*.x', 5, 'room\\..*\\.x'],
    ['chat/*', 5, 'chat/.*'],
  ])('%s', (name, position, meant) => {
    expect(mint(name)).toMatchObject({
      ok: true,
      warnings: [
        { at: 'resources.channels', pattern: name, position, message: expect.stringContaining(`\`${meant}\``) },
      ],
    });
  });

  test.each(['a', 'room.*', 'room.a.*', 'room.*-pnpres'])('%s is none', (name) => {
    expect(mint(name)).toMatchObject({ ok: true, warnings: [] });
  });
});
