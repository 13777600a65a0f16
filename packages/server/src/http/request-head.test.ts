import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { hostProblem } from './request-head.ts';

function requestOf(url: string, hosts: readonly string[], version = '1.1'): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.url = url;
  request.httpVersion = version;
  if (hosts.length > 0) request.headersDistinct.host = [...hosts];
  return request;
}

test.each([
  ['/', ['a.example']],
  ['/?to=http://b.example/', ['a.example']],
  ['http://A.example/x', ['a.example']],
  ['http://a.example:80', ['a.example:80']],
])('%s for %j is one host', (url, hosts) => {
  expect(hostProblem(requestOf(url, hosts))).toBeUndefined();
});

test('HTTP/1.0 had no Host', () => {
  expect(hostProblem(requestOf('/', [], '1.0'))).toBeUndefined();
  expect(hostProblem(requestOf('/', []))).toMatch(/missing/);
});

test.each([
  ['/', ['a.example', 'a.example']],
  ['/', ['a.example', 'b.example']],
  ['http://b.example/', ['a.example']],
  ['http://b.example@a.example/', ['a.example']],
  ['ws://b.example?x', ['a.example']],
])('%s for %j is refused', (url, hosts) => {
  expect(hostProblem(requestOf(url, hosts))).toEqual(expect.any(String));
});
