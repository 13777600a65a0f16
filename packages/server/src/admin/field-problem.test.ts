import { beforeAll, expect, test } from 'vitest';
import { type InProcess, inProcess } from '../in-process.fixture.ts';

let server: InProcess;
beforeAll(async () => {
  server = await inProcess();
});

const PERMISSIONS = 'read, write, manage, delete, get, update, join';

test.each([
  [
    '/rules',
    { target: 'a', anonymosClients: true },
    'anonymosClients',
    'unknown key, did you mean "anonymousClients"?',
  ],
  [
    '/rules',
    { target: 'a', publicMessaging: { enabeld: true } },
    'publicMessaging.enabeld',
    'unknown key, did you mean "enabled"?',
  ],
  ['/rules', { target: 'a', template: 'open-caht' }, 'template', /^expected one of .*, did you mean "open-chat"\?$/],
  ['/rules', { target: 'a', presence: 'on' }, 'presence', 'expected boolean'],
  [
    '/tokens',
    { user: 'ada', ttl: '10 minutes' },
    'ttl',
    'expected a duration such as 60s, 10m or 1h30m, or a number of seconds',
  ],
  [
    '/tokens',
    { user: 'ada', ttl: true },
    'ttl',
    'expected a duration such as 60s, 10m or 1h30m, or a number of seconds',
  ],
  [
    '/grants',
    { ttl: 1, resources: { channels: { a: ['raed'] } } },
    'resources.channels.a.0',
    `expected one of ${PERMISSIONS}, did you mean "read"?`,
  ],
  ['/grants', { ttl: 1, patterns: { uuids: { a: ['zzz'] } } }, 'patterns.uuids.a.0', `expected one of ${PERMISSIONS}`],
  [
    '/grants',
    { ttl: 1, resources: { channels: { a: 'read' } } },
    'resources.channels.a',
    `expected a list of permissions (${PERMISSIONS}) or a sum of their bits`,
  ],
  ['/grants', { ttl: 1, resources: { chanels: {} } }, 'resources.chanels', 'unknown key, did you mean "channels"?'],
  ['/grants', { resources: {} }, 'ttl', /^is missing, expected /],
  [
    '/grants',
    { ttl: 1, wholly: 1 },
    'wholly',
    'unknown key; known here: ttl, authorizedUser, resources, patterns, meta',
  ],
  ['/explain', { operation: 'publsh' }, 'operation', /^expected one of .*, did you mean "publish"\?$/],
  [
    '/explain',
    { operation: 'publish', target: { to: 'usr' } },
    'target.to',
    'expected one of everyone, authenticated, session, user, did you mean "user"?',
  ],
] as const)('POST %s with %o says what %s takes', async (path, body, field, message) => {
  const answer = await server.admin('POST', `/apps/shop${path}`, body);
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'request.malformed', fix: 'Compare it with the OpenAPI document: /admin/v1/openapi.json.' },
  });
  expect(answer.body.errors).toEqual([
    { path: field, message: message instanceof RegExp ? expect.stringMatching(message) : message },
  ]);
});
