/** Between two sends of the drill, in milliseconds: fast enough to watch, slow enough to follow. */
const beat = 110;

/** @typedef {import('./card.js').Card} Card */

/**
 * Everybody says everything once, everywhere: what may pass arrives, what may not says why.
 *
 * @param {Card[]} cards
 */
export async function drill(cards) {
  for (const step of steps) {
    for (const card of cards) {
      if (step(card)) await new Promise((resolve) => setTimeout(resolve, beat));
    }
  }
}

/** @type {((card: Card) => boolean)[]} one round each; true where there was something to do */
const steps = [
  (card) => say(card, 'guest', 'Hello from outside the walls', { options: {}, to: 'everyone' }),
  (card) => say(card, 'ada', 'Good morning, all', { options: {}, to: 'everyone' }),
  (card) => say(card, 'bo', 'Members: supper at eight', { options: { authenticated: true }, to: 'signed-in' }),
  (card) => whisper(card),
  (card) => {
    if (card.tower === null) return false;
    void card.tower.say('Version 0.1 is out');
    return true;
  },
];

/**
 * @param {Card} card
 * @param {string} who
 * @param {string} text
 * @param {Pick<import('./composer.js').Draft, 'options' | 'to'>} address
 */
function say(card, who, text, address) {
  const pane = card.panes.find(({ person }) => person.id === who) ?? card.panes[card.panes.length - 1];
  pane?.send({ text, ...address });
  return pane !== undefined;
}

/**
 * The first two of the signed-in: one writes to the other, even where nobody is listed.
 *
 * @param {Card} card
 */
function whisper(card) {
  const [from, to] = card.panes.filter(({ signedIn }) => signedIn);
  if (from === undefined || to?.socketId === undefined) return false;
  from.send({ text: 'Between the two of us', options: { socketId: to.socketId }, to: to.person.name });
  return true;
}
