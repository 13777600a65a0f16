// One client, in a realm of its own: the SDK keeps one socket per realm. The page steers it by messages and is told every frame.
import { reroute } from './reroute.js';

/** @typedef {import('./types.js').Order} Order */
/** @typedef {import('./types.js').Report} Report */

/** @type {Map<string, import('./types.js').SdkChannel>} */
const channels = new Map();
/** @type {import('./types.js').SdkClient | undefined} */
let client;

/** @param {Report} report */
const tell = (report) => parent.postMessage(report, location.origin);

reroute(({ code, reason }) => tell({ kind: 'closed', code, reason }));

/** @param {Extract<Order, { kind: 'start' }>} order */
function start({ hash, token, names }) {
  client = new XanoClient({
    instanceBaseUrl: location.origin,
    realtimeConnectionCanonical: hash,
    storage: new XanoObjectStorage(),
    ...(token === null ? {} : { realtimeAuthToken: token }),
  });
  // All of them before the first is observed: the first one dials, and the SDK throws if a channel is made while it does.
  for (const name of names) channels.set(name, client.channel(name, { history: true, presence: true }));
  for (const [name, channel] of channels) {
    const listen = (/** @type {import('./types.js').Frame} */ frame) => hear(name, frame);
    channel.on(listen, listen);
  }
}

/**
 * @param {string} name
 * @param {import('./types.js').Frame} frame
 */
function hear(name, frame) {
  const addressed = frame.options?.channel ?? null;
  // What concerns the connection reaches every channel; it is told once.
  if (addressed === null && name !== channels.keys().next().value) return;
  tell({ kind: 'frame', channel: addressed, frame });
  if (addressed !== null && frame.action.startsWith('presence_'))
    tell({ kind: 'roster', channel: name, roster: roster(name) });
}

/** @param {string} name */
function roster(name) {
  const present = channels.get(name)?.getPresence() ?? [];
  return present.map(({ socketId, extras, permissions }) => ({ socketId, extras, permissions }));
}

/** @param {Order} order */
function obey(order) {
  switch (order.kind) {
    case 'start':
      return start(order);
    case 'send':
      return channels.get(order.channel)?.message(order.payload, order.options);
    case 'history':
      return channels.get(order.channel)?.history();
    case 'join':
      // A channel object sends its join when made; the one that listens goes on listening.
      client?.channel(order.channel, { history: order.history, presence: true });
  }
}

addEventListener('message', (event) => {
  if (event.origin === location.origin && event.source === parent) obey(event.data);
});
tell({ kind: 'ready' });
