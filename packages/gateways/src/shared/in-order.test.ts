import { expect, it } from 'vitest';
import { InOrder } from './in-order.ts';

function setUp(max = 3) {
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const input = new InOrder<string>({
    handle: (item) => {
      log.push(item);
      return item.startsWith('slow') ? new Promise<void>((resolve) => gates.set(item, resolve)) : undefined;
    },
    mostWaiting: () => max,
    pause: () => log.push('(pause)'),
    resume: () => log.push('(resume)'),
    idle: () => log.push('(idle)'),
  });
  return {
    log,
    input,
    finish: async (item: string) => {
      gates.get(item)?.();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

it('handles what takes no time in the same turn', () => {
  const { log, input } = setUp();
  for (const item of ['a', 'b', 'c']) input.push(item);
  expect(log).toEqual(['a', 'b', 'c']);
});

it('holds what comes behind something slow, in order', async () => {
  const { log, input, finish } = setUp();
  for (const item of ['slow1', 'a', 'slow2', 'b']) input.push(item);
  expect(log).toEqual(['slow1', '(pause)']);
  await finish('slow1');
  expect(log).toEqual(['slow1', '(pause)', 'a', 'slow2']);
  await finish('slow2');
  expect(log.slice(4)).toEqual(['b', '(idle)', '(resume)']);
});

it('asks for a pause once, and loses nothing that still comes', async () => {
  const { log, input, finish } = setUp(2);
  for (const item of ['slow', 'a', 'b', 'c', 'd']) input.push(item);
  expect(log).toEqual(['slow', '(pause)']);
  expect(input.paused).toBe(true);
  await finish('slow');
  expect(log).toEqual(['slow', '(pause)', 'a', 'b', 'c', 'd', '(idle)', '(resume)']);
  expect(input.paused).toBe(false);
});

it('holds its source when asked, until what waits has been handled', async () => {
  const { log, input, finish } = setUp();
  input.hold();
  for (const item of ['slow', 'a']) input.push(item);
  input.hold();
  input.hold();
  expect(log).toEqual(['slow', '(pause)']);
  await finish('slow');
  expect(log).toEqual(['slow', '(pause)', 'a', '(idle)', '(resume)']);
});

it('forgets what waits when it is stopped', async () => {
  const { log, input, finish } = setUp(1);
  for (const item of ['slow', 'a']) input.push(item);
  input.stop();
  input.push('b');
  await finish('slow');
  input.push('c');
  expect(log).toEqual(['slow', '(pause)']);
});
