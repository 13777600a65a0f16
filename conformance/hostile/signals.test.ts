import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { RunningServer } from '../support/server.ts';

it('who asks again to stop, impatient or doubled by npm, does not break the drain off', {
  timeout: 60_000,
}, async () => {
  const server = await RunningServer.start();
  const { process: child } = server;
  const exited = once(child, 'exit');
  // A request that never ends: the drain waits for it, so that there is a time to be impatient in.
  const slow = connect(server.port, '127.0.0.1').on('error', () => {});
  await once(slow, 'connect');
  slow.write('POST /admin/v1/apps HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10\r\n\r\n{');
  child.kill('SIGTERM');
  await expect.poll(() => server.output, { timeout: 10_000 }).toContain('server.draining');
  for (const again of ['SIGTERM', 'SIGINT', 'SIGINT', 'SIGTERM'] as const) child.kill(again);
  expect(await exited).toEqual([0, null]);
  expect(server.output).toContain('server.stopped');
  slow.destroy();
  await server.stop();
});
