import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FunctionHouse } from './functions.fixture.ts';

let house: FunctionHouse;
beforeEach(() => {
  house = new FunctionHouse();
});
afterEach(() => house.close());

const returned = (value: unknown) => ({ type: 'returned', answer: JSON.stringify(value), publish: [] });

describe('a function', () => {
  it('in TypeScript is called with the input, and what it imports comes along', async () => {
    house.write('words/list.ts', 'export const words: readonly string[] = ["darn"];');
    house.write(
      'mask.ts',
      `import { createHash } from 'node:crypto';
       import { defineTrigger } from '@portcullis/triggers-kit';
       import { words } from './words/list.ts';
       enum Kind { Plain }
       export default defineTrigger<{ text: string }>(({ payload }) => ({
         allow: Kind.Plain === 0 && createHash('sha1').digest('hex').length === 40,
         payload: { text: words.reduce((text, word) => text.replaceAll(word, '****'), payload.text) },
       }));`,
    );
    expect(await house.load(['mask'])).toEqual(new Map());
    expect(await house.call('mask', { text: 'darn it' })).toEqual(
      returned({ allow: true, payload: { text: '**** it' } }),
    );
  });

  it('in JavaScript may wait, return nothing, and publish beside', async () => {
    house.write(
      'later.mjs',
      `export default async ({ payload }, { publish }) => {
         await new Promise((resolve) => setTimeout(resolve, 5));
         publish('mods/1', { saw: payload });
       };`,
    );
    await house.load(['later']);
    expect(await house.call('later', 7)).toEqual({
      type: 'returned',
      answer: undefined,
      publish: [{ channel: 'mods/1', payload: { saw: 7 } }],
    });
  });

  it.each([
    ['nowhere', null, 'there is no'],
    ['broken', 'export default (x: ) => 1;', 'broken.ts:1:'],
    ['missing', "import x from './not-there.ts'; export default x;", 'not-there'],
  ])('%s is told of when it is loaded, and fails when it is called', async (name, text, problem) => {
    if (text !== null) house.write(`${name}.ts`, text);
    house.write('well.ts', 'export default () => ({ allow: true });');
    const problems = await house.load([name, 'well']);
    expect(problems.get(name)).toContain(problem);
    expect(problems.size).toBe(1);
    expect(await house.call(name)).toMatchObject({ type: 'failed' });
    expect(await house.call('well')).toEqual(returned({ allow: true }));
  });

  it.each([
    ['throws-on-load', 'throw new Error("no");', 'could not be loaded'],
    ['exports-nothing', 'export const x = 1;', 'exports no function'],
    ['exports-a-number', 'export default 5;', 'exports no function'],
  ])('whose file %s fails when it is called, and the others do not', async (name, text, problem) => {
    house.write(`${name}.ts`, text);
    house.write('well.ts', 'export default () => ({ allow: true });');
    await house.load([name, 'well']);
    expect(await house.call(name)).toMatchObject({ type: 'failed', error: expect.stringContaining(problem) });
    expect(await house.call('well')).toEqual(returned({ allow: true }));
  });

  it.each([
    ['a list of what JSON has', '[1, "x", null, true, { a: [{}] }]', [1, 'x', null, true, { a: [{}] }]],
    ['what is not there', '{ a: undefined, b: [undefined] }', { b: [null] }],
    ['a date', '{ at: new Date(0) }', { at: '1970-01-01T00:00:00.000Z' }],
    ['what writes itself', '{ a: { toJSON: () => "short" } }', { a: 'short' }],
    ['what has no prototype', 'Object.assign(Object.create(null), { a: 1 })', { a: 1 }],
    ['what is deep', `${'['.repeat(40)}1${']'.repeat(40)}`, JSON.parse(`${'['.repeat(40)}1${']'.repeat(40)}`)],
  ])('answers %s as JSON text has it', async (_, answer, expected) => {
    house.write('says.js', `export default () => (${answer});`);
    await house.load(['says']);
    expect(await house.call('says')).toEqual(returned(expected));
  });

  it.each([
    ['{ allow: true, payload: { f() {} } }', 'function'],
    ['[[Symbol("x")]]', 'symbol'],
    [`${'['.repeat(40)}() => 1${']'.repeat(40)}`, 'function'],
    ['Object.assign(Object.create({}), { f: () => 1 })', 'function'],
    ['(() => { const x = {}; x.x = x; return x; })()', 'no JSON'],
  ])('that answers %s, where JSON has no place for it, has failed', async (answer, problem) => {
    house.write('says.js', `export default () => (${answer});`);
    await house.load(['says']);
    expect(await house.call('says')).toMatchObject({ type: 'failed', error: expect.stringContaining(problem) });
  });

  it('sees no more of the environment than it is given', async () => {
    house.write('env.ts', 'export default () => Object.keys(process.env);');
    await house.load(['env'], { env: { TRIGGER_KEY: 'x' } });
    expect(await house.call('env')).toEqual(returned(['TRIGGER_KEY']));
  });
});

/** Each of these is one way to misbehave; `well` says whether the worker was lost with it. */
const BAD: readonly (readonly [string, string, string])[] = [
  ['loops', 'export default () => { for (;;); };', 'longer than'],
  [
    'loops after it waited',
    'export default async () => { await 1; await new Promise(setImmediate); for (;;); };',
    'never ended',
  ],
  ['never answers', 'export default () => new Promise(() => {});', 'longer than'],
  [
    'allocates without end',
    'export default () => { const all = []; for (;;) all.push(new Array(1e4).fill(0.5)); };',
    'memory',
  ],
  ['exits', 'export default () => process.exit(0);', 'ended'],
  [
    'exits later',
    'export default async () => { await new Promise((r) => setTimeout(r, 5)); process.exit(1); };',
    'ended',
  ],
  [
    'crashes where nobody waits',
    'export default () => { setTimeout(() => { throw new Error("x"); }); return new Promise(() => {}); };',
    'longer than',
  ],
  ['returns a function', 'export default () => () => 1;', 'function'],
  ['returns a function inside', 'export default () => ({ allow: true, payload: { f() {} } });', 'function'],
  ['returns 10 MB', 'export default () => ({ allow: true, payload: "x".repeat(1e7) });', 'more than'],
  ['returns a circle', 'export default () => { const x = {}; x.x = x; return x; };', 'no JSON'],
  ['returns a bigint', 'export default () => 5n;', 'bigint'],
  ['returns something that throws when it is read', 'export default () => ({ get allow() { throw 1; } });', 'no JSON'],
  ['returns a bad promise', 'export default () => ({ then() { throw 5; } });', '5'],
  ['publishes without end', 'export default (_, { publish }) => { for (;;) publish("x", 1); };', 'at most'],
  ['wants to end the server', 'export default () => process.kill(process.pid, "SIGKILL");', 'not for triggers'],
];

describe('a function that', () => {
  it.each(BAD)('%s costs its own call and nothing else', async (_, text, error) => {
    house.write('bad.js', text);
    house.write('well.ts', 'export default ({ payload }) => ({ allow: true, payload });');
    await house.load(['bad', 'well']);
    const calls = Array.from({ length: 20 }, (__, n) => house.call('well', n));
    const bad = house.call('bad', null, /longer|never/.test(error) ? 300 : 10_000);
    calls.push(...Array.from({ length: 20 }, (__, n) => house.call('well', n + 20)));
    const answers = await Promise.all(calls);
    expect(answers).toEqual(Array.from({ length: 40 }, (__, n) => returned({ allow: true, payload: n })));
    expect(await bad).toMatchObject({ error: expect.stringContaining(error) });
    expect(await house.call('well', 'after')).toEqual(returned({ allow: true, payload: 'after' }));
  });

  it.each([
    ['a text', '"oops"', 'oops'],
    ['null', 'null', 'null'],
    ['undefined', 'undefined', 'undefined'],
    ['an object that cannot be read', '({ toJSON() { throw 1; }, toString() { throw 1; } })', 'object'],
    ['a symbol', 'Symbol("x")', 'symbol'],
    ['an error with an evil message', 'Object.assign(new Error(), { get message() { throw 1; } })', ''],
  ])('throws %s has thrown, and the worker lives on', async (_, thrown, word) => {
    house.write('bad.js', `export default () => { throw ${thrown}; };`);
    await house.load(['bad'], { workers: 1 });
    expect(await house.call('bad')).toMatchObject({ type: 'threw', error: expect.stringContaining(word) });
    expect(await house.call('bad')).toMatchObject({ type: 'threw' });
  });

  it('fills memory outside the heap is ended', async () => {
    house.write('bad.js', 'export default () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1)); };');
    await house.load(['bad'], { workers: 1 });
    const before = process.memoryUsage.rss();
    expect(await house.call('bad', null, 20_000)).toMatchObject({ error: expect.stringContaining('memory') });
    await vi.waitFor(() => expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 1024 * 1024), 5_000);
  });
});

describe('calls', () => {
  it('beyond what may be under way fail at once', async () => {
    house.write('slow.js', 'export default () => new Promise((resolve) => setTimeout(resolve, 100));');
    await house.load(['slow'], { pending: 5 });
    const all = await Promise.all(Array.from({ length: 8 }, () => house.call('slow')));
    expect(all.map(({ type }) => type)).toEqual([...Array(5).fill('returned'), ...Array(3).fill('failed')]);
  });

  it('that find no worker in time are given up', async () => {
    house.write('loop.js', 'export default () => { for (;;); };');
    await house.load(['loop'], { workers: 1, wait: 200 });
    const all = await Promise.all(Array.from({ length: 6 }, () => house.call('loop', null, 200)));
    expect(all.every(({ type }) => type === 'failed')).toBe(true);
    expect(all.some((result) => 'error' in result && result.error.includes('no worker'))).toBe(true);
  });

  it('are answered by the new code once a file has changed, and the old ones still come', async () => {
    house.write('words.ts', 'export const word = "old";');
    house.write(
      'slow.ts',
      "import { word } from './words.ts'; export default () => new Promise((r) => setTimeout(() => r(word), 1_500));",
    );
    house.write('quick.ts', "import { word } from './words.ts'; export default () => word;");
    await house.load(['slow', 'quick']);
    const version = house.functions.versionOf('quick');
    const slow = house.call('slow', null, 5_000);
    expect(await house.call('quick')).toEqual(returned('old'));
    house.write('words.ts', 'export const word = "new!";');
    await vi.waitFor(() => expect(house.changes).toHaveLength(1), 5_000);
    expect(house.functions.versionOf('quick')).not.toBe(version);
    expect(await house.call('quick')).toEqual(returned('new!'));
    expect(await slow).toEqual(returned('old'));
  });

  it('fail while a file is broken, and pass again when it is mended', async () => {
    house.write('well.ts', 'export default () => 1;');
    await house.load(['well']);
    house.write('well.ts', 'export default (');
    await vi.waitFor(async () => expect(await house.call('well')).toMatchObject({ type: 'failed' }), 5_000);
    house.write('well.ts', 'export default () => 22;');
    await vi.waitFor(async () => expect(await house.call('well')).toEqual(returned(22)), 5_000);
  });

  it('that wait when all is closed are answered', async () => {
    house.write('never.js', 'export default () => new Promise(() => {});');
    await house.load(['never']);
    const call = house.call('never', null, 5_000);
    house.close();
    expect(await call).toMatchObject({ type: 'failed' });
  });
});
