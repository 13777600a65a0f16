// A stand-in for the server while working on the page: the five rules, the Xano frames the page uses, and the
// four calls of README.md. It decides with a few lines of its own and proves nothing about the product.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
// biome-ignore lint/correctness/noUndeclaredDependencies: the server's, for this fixture only.
import { WebSocketServer } from 'ws';

const port = Number(process.argv[2] ?? 7171);
const here = dirname(fileURLToPath(import.meta.url));
const sdk = join(dirname(createRequire(import.meta.url).resolve('@xano/js-sdk/package.json')), 'dist/xano.min.js');
const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };

const messaging = (text) => ({ enabled: text !== 'off', authenticatedOnly: text === 'auth' });
const rule = (id, anonymousClients, presence, open, authenticatedMessaging, direct, history) => ({
  id,
  enabled: true,
  anonymousClients,
  presence,
  publicMessaging: messaging(open),
  authenticatedMessaging,
  privateMessaging: messaging(direct),
  history,
});
const templates = {
  'open-chat': () => rule(1, true, true, 'on', false, 'off', 25),
  'read-open-write-signed-in': () => rule(2, true, true, 'auth', false, 'off', 25),
  notifications: () => rule(3, true, false, 'off', false, 'off', 25),
  'members-only': () => rule(4, false, true, 'off', true, 'off', 25),
  'members-with-direct-messages': () => rule(5, false, true, 'off', true, 'auth', 0),
};
const users = [
  { user: 'ada', name: 'Ada', extras: { name: 'Ada', role: 'engineer' } },
  { user: 'bo', name: 'Bo', extras: { name: 'Bo', role: 'designer' } },
];
const channels = new Map(
  Object.entries(templates).map(([template, preset]) => [
    `${template}/lobby`,
    { template, rule: preset(), members: new Map(), kept: [] },
  ]),
);

const said = {
  'channel.no-rule': 'There is no such channel.',
  'channel.anonymous-not-allowed': 'Anonymous clients cannot join this channel.',
  'channel.presence-off': 'Presence is off on this channel.',
  'channel.public-messaging-off': 'Clients may not send to everyone on this channel.',
  'channel.public-messaging-authenticated-only': 'Only authenticated clients may send to everyone on this channel.',
  'channel.authenticated-messaging-off': 'Clients may not send to the authenticated on this channel.',
  'channel.private-messaging-off': 'Private messages are off on this channel.',
  'channel.private-messaging-authenticated-only': 'Private messages pass between authenticated clients only.',
  'channel.peer-not-present': 'That client is not in this channel.',
  'channel.not-joined': 'Join the channel first.',
  'channel.history-off': 'This channel keeps no history.',
};

const send = (socket, action, channel, payload, client = null, options = {}) =>
  socket.send(JSON.stringify({ action, options: { ...options, channel }, client, payload }));
const refuse = (socket, channel, code) => send(socket, 'error', channel, { message: said[code], code });
const others = (state, socket, payload) => {
  if (!state.rule.presence) return;
  for (const [member, asked] of state.members)
    if (member !== socket && asked.presence)
      send(member, 'presence_update', payload.channel, { action: payload.action, presence: socket.me });
};

function admits(state, socket) {
  if (!state?.rule.enabled) return 'channel.no-rule';
  if (!socket.me.signedIn && !state.rule.anonymousClients) return 'channel.anonymous-not-allowed';
  return null;
}

function onJoin(socket, name, asked) {
  const state = channels.get(name);
  const code = admits(state, socket);
  if (code !== null) return refuse(socket, name, code);
  const known = state.members.has(socket);
  state.members.set(socket, asked);
  send(socket, 'join', name, {}, socket.me);
  if (!known) others(state, socket, { channel: name, action: 'join' });
  if (asked.presence && state.rule.presence)
    send(socket, 'presence_full', name, { presence: [...state.members.keys()].map((member) => member.me) });
  if (asked.history && state.rule.history > 0) onHistory(socket, name);
}

function onHistory(socket, name) {
  const state = channels.get(name);
  if (!state?.members.has(socket)) return refuse(socket, name, 'channel.not-joined');
  if (state.rule.history === 0) return refuse(socket, name, 'channel.history-off');
  const history = state.kept.filter((item) => socket.me.signedIn || !item.options.authenticated);
  send(socket, 'history', name, { history: history.slice(-state.rule.history) });
}

function onMessage(socket, name, options, payload) {
  const state = channels.get(name);
  if (!state?.members.has(socket)) return refuse(socket, name, admits(state, socket) ?? 'channel.not-joined');
  const { publicMessaging: open, authenticatedMessaging, privateMessaging: direct } = state.rule;
  const { signedIn } = socket.me;
  if (options.socketId) {
    if (!direct.enabled) return refuse(socket, name, 'channel.private-messaging-off');
    if (direct.authenticatedOnly && !signedIn)
      return refuse(socket, name, 'channel.private-messaging-authenticated-only');
    const peer = [...state.members.keys()].find(
      (member) => member.me.socketId === options.socketId && member !== socket,
    );
    if (!peer) return refuse(socket, name, 'channel.peer-not-present');
    return send(peer, 'message', name, payload, socket.me, { authenticated: false, socketId: options.socketId });
  }
  const authenticated = options.authenticated || (!open.enabled && authenticatedMessaging && signedIn);
  if (authenticated) {
    if (!authenticatedMessaging || !signedIn) return refuse(socket, name, 'channel.authenticated-messaging-off');
  } else if (!open.enabled) return refuse(socket, name, 'channel.public-messaging-off');
  else if (open.authenticatedOnly && !signedIn)
    return refuse(socket, name, 'channel.public-messaging-authenticated-only');
  publish(name, 'message', payload, socket.me, { authenticated: Boolean(authenticated), socketId: null });
  return undefined;
}

function publish(name, action, payload, client, options) {
  const state = channels.get(name);
  state.kept.push({ action, options: { ...options, channel: name }, client, payload });
  let delivered = 0;
  for (const member of state.members.keys()) {
    if (options.authenticated && !member.me.signedIn) continue;
    send(member, action, name, payload, client, options);
    delivered += 1;
  }
  return delivered;
}

function onLeave(socket, name) {
  const state = channels.get(name);
  if (!state?.members.delete(socket)) return;
  others(state, socket, { channel: name, action: 'leave' });
}

function settle(name, before) {
  const state = channels.get(name);
  for (const socket of [...state.members.keys()]) {
    const code = admits(state, socket);
    if (code !== null) {
      refuse(socket, name, code);
      onLeave(socket, name);
      send(socket, 'leave', name, {}, socket.me);
    } else if (before.presence && !state.rule.presence) refuse(socket, name, 'channel.presence-off');
  }
}

function change(template, changes, reset) {
  const [name, state] = [...channels].find(([, candidate]) => candidate.template === template) ?? [];
  if (state === undefined) return null;
  const before = state.rule;
  const next = structuredClone(reset ? templates[template]() : before);
  for (const [key, value] of Object.entries(changes ?? {})) {
    const [head, tail] = key.split('.');
    if (tail) next[head][tail] = value;
    else if (typeof next[head] === 'object') next[head].enabled = value;
    else next[head] = value;
  }
  state.rule = next;
  settle(name, before);
  return { rule: next };
}

const security = (host) => ({
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'self'; connect-src 'self' ws://${host} wss://${host}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; object-src 'none'`,
});
const config = () => ({
  app: 'demo',
  hash: 'demo-hash',
  channels: [...channels].map(([channel, { template, rule: now }]) => ({
    template,
    target: `${template}/*`,
    channel,
    rule: now,
  })),
  users,
  docs: { home: '/docs/' },
});

async function answer(request) {
  const url = new URL(request.url, 'http://localhost');
  if (request.method === 'GET') {
    if (url.pathname === '/playground/config.json') return [200, config()];
    if (url.pathname === '/playground/codes.json')
      return [
        200,
        Object.entries(said).map(([code, sentence]) => ({
          code,
          sentence,
          meaning: sentence,
          fix: 'See `anonymousClients` and its like.',
          http: 403,
        })),
      ];
    if (url.pathname === '/playground/xano.min.js') return [200, await readFile(sdk), types['.js']];
    const path = url.pathname === '/' ? '/playground/index.html' : url.pathname;
    if (!path.startsWith('/playground/')) return [404, { code: 'not-found', detail: 'There is nothing here.' }];
    const file = join(here, 'public', normalize(path.slice('/playground'.length)));
    return [200, await readFile(file), types[extname(file)] ?? 'application/octet-stream'];
  }
  let text = '';
  for await (const part of request) text += part;
  const body = JSON.parse(text);
  if (url.pathname === '/playground/token')
    return [200, { token: `mock.${body.user}.${randomBytes(6).toString('hex')}`, expiresAt: Date.now() + 3_600_000 }];
  if (url.pathname === '/playground/rule') return [200, change(body.template, body.changes, body.reset)];
  if (url.pathname === '/playground/event')
    return [200, { delivered: publish(body.channel, 'event', { data: body.data, dbo_id: 0, row_id: 0 }, null, {}) }];
  return [404, { code: 'not-found', detail: 'There is nothing here.' }];
}

const http = createServer((request, response) => {
  void answer(request)
    .catch((fault) => [fault.code === 'ENOENT' ? 404 : 500, { code: 'mock', detail: String(fault.message) }])
    .then(([status, body, type]) => {
      response.writeHead(status, { 'content-type': type ?? 'application/json', ...security(request.headers.host) });
      response.end(type ? body : JSON.stringify(body));
    });
});
new WebSocketServer({ server: http }).on('connection', (socket, request) => {
  const user = users.find(
    (candidate) => candidate.user === String(request.headers['sec-websocket-protocol'] ?? '').split('.')[1],
  );
  const permissions = user ? { dbo_id: 1, row_id: user.user } : { dbo_id: 0, row_id: 0 };
  socket.me = { socketId: randomBytes(9).toString('base64url'), extras: user?.extras ?? {}, permissions };
  Object.defineProperty(socket.me, 'signedIn', { value: user !== undefined });
  socket.on('message', (data) => {
    const { action, options, payload } = JSON.parse(data);
    if (action === 'join') onJoin(socket, options.channel, payload);
    else if (action === 'leave') onLeave(socket, options.channel);
    else if (action === 'history') onHistory(socket, options.channel);
    else if (action === 'message') onMessage(socket, options.channel, options, payload);
  });
  socket.on('close', () => {
    for (const name of channels.keys()) onLeave(socket, name);
  });
});
http.listen(port, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${port}\n`));
