import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function recorder() {
  const lines: Record<string, unknown>[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(JSON.parse(line)) } };
}

test('one JSON object a line, with level, time and event', () => {
  const { lines, destination } = recorder();
  const log = createLog({ level: 'info', destination });
  log.debug('not.written');
  log.info('server.ready', { url: 'http://127.0.0.1:7070' });
  log.error('store.failed', { error: new Error('disk gone') });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({ level: 'info', event: 'server.ready', url: 'http://127.0.0.1:7070' });
  expect(lines[1]).toMatchObject({ level: 'error', event: 'store.failed', error: { message: 'disk gone' } });
  expect(String(lines[0]?.time)).toMatch(/^\d{4}-\d\d-\d\dT/);
});

test('fields that hold secrets are withheld, also one level down', () => {
  const { lines, destination } = recorder();
  createLog({ level: 'info', destination }).info('x', { token: 'abc', request: { authorization: 'Bearer abc' } });
  expect(JSON.stringify(lines)).not.toContain('abc');
});
