import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './serve.fixture.ts';

interface Described {
  readonly parameters: readonly { readonly name: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Body } } };
}
interface Body {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

let server: TestServer;
let paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
beforeAll(async () => {
  server = await startServer();
  const response = await fetch(`${server.url}/v1/openapi.json`);
  expect(response.status).toBe(200);
  const document = (await response.json()) as { openapi: string; paths: typeof paths };
  expect(document.openapi).toBe('3.1.0');
  paths = document.paths;
});
afterAll(() => server.stop());

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

test('every path is served, and by its method alone', async () => {
  expect(Object.keys(paths)).toEqual(['/v1/stream', '/v1/ticket', '/v1/publish']);
  for (const [path, methods] of Object.entries(paths)) {
    const allowed = Object.keys(methods).map((method) => method.toUpperCase());
    const other = await fetch(`${server.url}${path}?key=sub-shop`, { method: 'PATCH' });
    expect([other.status, other.headers.get('allow')]).toEqual([405, `${allowed.join(', ')}, OPTIONS`]);
  }
});

test('a stream takes the parameters of the protocol’s page, and no other', async () => {
  const names = paths['/v1/stream']?.get?.parameters.map(({ name }) => name) ?? [];
  const table = page.split('| parameter | |')[1]?.split('\n\n')[0] ?? '';
  expect(names.toSorted()).toEqual([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name).toSorted());
  for (const name of names) {
    const answer = await fetch(`${server.url}/v1/stream?key=sub-shop&channel=nowhere&${name}=0`);
    expect(await answer.text()).not.toContain('There is no parameter');
  }
});

test('a publish takes the fields of the protocol’s page, and no other', () => {
  const { required, properties } = paths['/v1/publish']?.post?.requestBody?.content['application/json'].schema ?? {
    required: [],
    properties: {},
  };
  const fields = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
  const table = page.split('\n### publish\n')[1]?.split('\n### ')[0] ?? '';
  const listed = [...table.matchAll(/^\| `(\w+\??)` \|/gm)].map(([, name]) => name);
  expect(['type', 'id', ...fields]).toEqual(listed);
});
