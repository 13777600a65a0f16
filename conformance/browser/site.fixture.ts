import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

const sdk = join(dirname(createRequire(import.meta.url).resolve('@xano/js-sdk/package.json')), 'dist', 'xano.min.js');

/** A web page of somebody else on this machine: the SDK's browser bundle as it is published, and our hands on it. */
export async function serveSite(port: number): Promise<{ readonly url: string; close(): void }> {
  const page = `<!doctype html><meta charset="utf-8"><title>A page with the SDK</title>
<script>globalThis.target = { port: ${port} };</script>
<script src="/xano.min.js"></script>
<script src="/person.js"></script>`;
  const files = new Map([
    ['/', { type: 'text/html', body: page }],
    ['/xano.min.js', { type: 'text/javascript', body: readFileSync(sdk, 'utf8') }],
    ['/person.js', { type: 'text/javascript', body: readFileSync(join(import.meta.dirname, 'person.js'), 'utf8') }],
  ]);
  const server: Server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': `${file.type}; charset=utf-8` }).end(file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
