import { fetchConfig } from './api.js';
import { Card } from './card.js';
import { byId, el } from './dom.js';
import { drill } from './drill.js';
import { NativePerson } from './native-person.js';
import { People } from './people.js';
import { Person } from './person.js';
import { templates } from './templates.js';

/** Changes made elsewhere come in bursts (one refusal per client); the rules are read again once they are over. */
const settles = 250;

/** @param {import('./types.js').Config} config */
function build(config) {
  /** @type {Map<string, string>} */
  const known = new Map();
  /** @type {Map<string, Card>} */
  const cards = new Map();
  const people = new People(byId('people'));
  const place = { hash: config.hash, names: config.channels.map(({ channel }) => channel) };
  const paneOf = (/** @type {import('./person.js').Somebody} */ person, /** @type {string} */ channel) =>
    cards.get(channel)?.panes.find((pane) => pane.person === person);

  /** @type {import('./person.js').Ears} */
  const ears = {
    onFrame(person, channel, frame) {
      if (frame.action === 'join' && frame.client) known.set(frame.client.socketId, person.id);
      paneOf(person, channel)?.hear(frame);
      if (frame.action === 'join' || frame.action === 'leave' || frame.action === 'error')
        cards.get(channel)?.showRoster();
    },
    onRoster(person, channel, roster) {
      paneOf(person, channel)?.see(roster);
      cards.get(channel)?.showRoster();
    },
    onLine(person, line, note) {
      people.show(person, line, note);
      for (const card of cards.values()) {
        const pane = paneOf(person, card.channel);
        if (line === 'closed' && note !== null) pane?.disconnected(note);
        else if (note === null) pane?.become(line === 'connected' ? 'joining' : 'offline');
        card.showRoster();
      }
    },
  };

  const signedIn = config.users.slice(0, 2);
  const [guest, ...others] = [{ user: null, name: 'Guest', extras: {} }, ...signedIn];
  // Guest and the first of the signed-in come with our own client, the others with the Xano SDK: all meet in the same rooms.
  const { key } = config;
  const everybody = [guest, ...others].flatMap((who, index) => {
    if (who === undefined) return [];
    return key !== null && index < 2 ? new NativePerson(who, { ...place, key }, ears) : new Person(who, place, ears);
  });
  const onStale = refresher(cards);
  for (const template of templates) {
    const found = config.channels.find((candidate) => candidate.template === template.template);
    if (found === undefined) continue;
    cards.set(found.channel, new Card(template, found, { people: everybody, known, onStale }));
  }
  byId('gates').replaceChildren(...[...cards.values()].map((card) => card.node), byId('legend'));
  byId('jump').replaceChildren(
    ...[...cards.values()].map((card) => el('a', { href: `#${card.template}` }, card.title)),
  );
  if (config.docs?.home !== undefined) byId('links').append(el('a', { href: config.docs.home }, 'Documentation'));
  for (const person of everybody) people.add(person);
  for (const person of everybody) person.open();
  offerDrill([...cards.values()]);
  addEventListener('focus', onStale);
}

/**
 * The rules may be turned elsewhere as well, in another window or by an operator.
 *
 * @param {Map<string, Card>} cards
 */
function refresher(cards) {
  /** @type {number | undefined} */
  let timer;
  const refresh = async () => {
    const { channels } = await fetchConfig();
    for (const { channel, rule } of channels) cards.get(channel)?.apply(rule);
  };
  return () => {
    clearTimeout(timer);
    // A server that is away says so by its sockets; the next refusal or focus asks again.
    timer = window.setTimeout(() => void refresh().catch(() => undefined), settles);
  };
}

/** @param {Card[]} cards */
function offerDrill(cards) {
  const button = /** @type {HTMLButtonElement} */ (byId('drill'));
  button.disabled = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    await drill(cards);
    button.disabled = false;
  });
}

try {
  build(await fetchConfig());
} catch (problem) {
  const notice = byId('notice');
  notice.textContent = `The playground could not start: ${problem instanceof Error ? problem.message : String(problem)}`;
  notice.hidden = false;
}
