// Your backend: it knows who its users are and who talks to whom. Portcullis knows neither; it is told, by grants.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

/** Minutes a realtime token lives. Clients ask for the next one in time. */
const TTL = 15;

const PASSWORDS = new Map([
  ['ada', 'correct horse'],
  ['bo', 'battery staple'],
  ['mallory', 'opensesame'],
]);

function readBody(text) {
  try {
    return Object(JSON.parse(text === '' ? '{}' : text));
  } catch {
    throw new Refused(400, 'The body is not JSON.');
  }
}

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {{ url: string, adminToken: string }} portcullis
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startBackend(portcullis) {
  /** Of those who signed in: what their browser shows, and who they are. */
  const signedIn = new Map();
  /** The two of each conversation, by channel. */
  const conversations = new Map();

  const routes = new Map([
    ['POST /sign-in', signIn],
    ['POST /conversations', openConversation],
    ['POST /leave', takeOff],
    ['POST /realtime-token', realtimeToken],
  ]);

  function signIn({ user, password }) {
    if (password === undefined || PASSWORDS.get(user) !== password) throw new Refused(401, 'Wrong name or password.');
    const ticket = randomBytes(24).toString('base64url');
    signedIn.set(ticket, user);
    return { ticket };
  }

  /** A name that nobody can guess, and that would help nobody who knew it. */
  function openConversation({ with: other }, user) {
    if (!PASSWORDS.has(other) || other === user) throw new Refused(404, 'There is nobody of that name.');
    const channel = `dm/${randomBytes(12).toString('base64url')}`;
    conversations.set(channel, new Set([user, other]));
    return { channel };
  }

  /** Proves the user, and carries a grant on exactly the conversations they are in now. */
  async function realtimeToken(_, user) {
    const channels = [...conversations].filter(([, members]) => members.has(user)).map(([channel]) => channel);
    const grant = channels.length === 0 ? undefined : await mintGrant(user, channels);
    const { token } = await ask('tokens', { user, extras: { name: user }, ttl: `${TTL}m`, ...(grant && { grant }) });
    return { token, channels };
  }

  async function mintGrant(user, channels) {
    const named = channels.flatMap((channel) => [
      [channel, ['read', 'write']],
      [`${channel}-pnpres`, ['read']], // who is here is a resource of its own
    ]);
    const { token } = await ask('grants', {
      ttl: TTL,
      authorizedUser: user,
      resources: { channels: Object.fromEntries(named) },
    });
    return token;
  }

  /** Off the channel at once, and held off it for longer than any token that was minted before lives. */
  async function takeOff({ channel, member }, user) {
    const members = conversations.get(channel);
    if (!members?.has(user) || !members.delete(member)) throw new Refused(404, 'There is no such conversation.');
    const { heldUntil } = await ask('unsubscribe', { user: member, channel, for: `${TTL + 1}m`, reason: `by ${user}` });
    return { heldUntil };
  }

  /** The management API. Its token never leaves this process. */
  async function ask(call, body) {
    const answer = await fetch(`${portcullis.url}/admin/v1/apps/chat/${call}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${portcullis.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const result = await answer.json();
    if (!answer.ok) throw new Error(`${call} was answered with ${answer.status} ${result.code}: ${result.detail}`);
    return result;
  }

  async function respond(request) {
    const route = routes.get(`${request.method} ${request.url}`);
    if (!route) throw new Refused(404, 'Not found.');
    const user = signedIn.get(request.headers.authorization?.replace('Bearer ', ''));
    if (user === undefined && route !== signIn) throw new Refused(401, 'Sign in first.');
    let text = '';
    for await (const chunk of request) {
      text += chunk;
      if (text.length > 4_096) throw new Refused(413, 'Too much.');
    }
    return route(readBody(text), user);
  }

  const server = createServer((request, response) => {
    const send = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    respond(request).then(
      (body) => send(200, body),
      (error) => {
        if (error instanceof Refused) return send(error.status, { error: error.message });
        console.error(error);
        return send(500, { error: 'Something went wrong here.' });
      },
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
