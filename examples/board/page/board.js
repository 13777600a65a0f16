// @ts-check
import { connect } from '/portcullis.min.js';

const name = new URLSearchParams(location.search).get('name') ?? '';
const byId = (id) => document.getElementById(id);
const board = byId('board');

const enter = async () => (await fetch('/token', { method: 'POST', body: JSON.stringify({ name }) })).json();
const first = await enter();
let token = first.token;
const client = connect({
  url: first.url,
  key: first.key,
  // The one in hand, then a new one each time the client asks.
  async getToken() {
    const got = token ?? (await enter()).token;
    token = undefined;
    return got;
  },
  queue: 50,
});

client.on('state', ({ state, error }) => {
  byId('line').dataset.state = state;
  byId('line').textContent = error ? `${state}: ${error.reason}` : state;
});

// Where everybody points: said and forgotten.
const pointers = client.channel('pointers/main');
const shown = new Map();
pointers.on('message', ({ from, data }) => {
  if (from?.session && from.session !== client.session) point(from.session, from.extras, data);
});
pointers.on('roster', ({ members }) => {
  byId('people').replaceChildren(...members.map(({ extras }) => coloured('li', extras, extras?.name)));
  const here = new Set(members.map(({ session }) => session));
  for (const [session, pointer] of shown) {
    if (here.has(session)) continue;
    pointer.remove();
    shown.delete(session);
  }
});

let next;
board.addEventListener('pointermove', (event) => {
  if (next === undefined) setTimeout(say, 40);
  next = placeOf(event);
});
function say() {
  // One that cannot be said now is not worth saying later.
  if (client.state === 'connected') pointers.publish(next).catch(() => {});
  next = undefined;
}

// What is pinned: kept.
const notes = client.channel('notes/main');
notes.on('message', ({ from, data, timetoken }) => pin(from?.extras, data, timetoken));
board.addEventListener('click', (event) => {
  const place = placeOf(event);
  const writer = byId('writer');
  const text = byId('text');
  writer.hidden = false;
  writer.style.left = `${Math.min(event.clientX, innerWidth - 280)}px`;
  writer.style.top = `${Math.min(event.clientY, innerHeight - 60)}px`;
  text.value = '';
  text.focus();
  writer.onsubmit = (submitted) => {
    submitted.preventDefault();
    writer.hidden = true;
    if (text.value.trim() !== '') notes.publish({ ...place, text: text.value.trim() }).catch(complain);
  };
});
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') byId('writer').hidden = true;
});

await Promise.all([pointers.join({ presence: true }), notes.join({ history: 200 })]).catch(complain);

function placeOf({ clientX, clientY }) {
  const { left, top, width, height } = board.getBoundingClientRect();
  return { x: (clientX - left) / width, y: (clientY - top) / height };
}

function point(session, extras, { x, y }) {
  let pointer = shown.get(session);
  if (!pointer) {
    pointer = coloured('div', extras);
    pointer.className = 'pointer';
    pointer.innerHTML = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 2l13 7-6 1.6L7.400 17z"/></svg>';
    pointer.append(coloured('b', extras, extras?.name));
    shown.set(session, pointer);
    board.append(pointer);
  }
  put(pointer, x, y);
}

function pin(extras, { x, y, text }, timetoken) {
  const note = coloured('article', extras, text);
  note.className = 'note';
  note.style.setProperty('--tilt', `${(Number(timetoken.slice(-4)) % 5) - 2}deg`);
  const by = document.createElement('small');
  by.textContent = extras?.name ?? '';
  note.append(by);
  put(note, x, y);
  board.append(note);
}

function put(node, x, y) {
  node.style.left = `${x * 100}%`;
  node.style.top = `${y * 100}%`;
}

function coloured(tag, extras, text = '') {
  const node = document.createElement(tag);
  node.textContent = text;
  // Extras come out of tokens that our backend minted; still, a colour is taken only where it is one.
  if (/^#[0-9a-f]{6}$/.test(extras?.colour ?? '')) node.style.setProperty('--colour', extras.colour);
  return node;
}

function complain(error) {
  byId('line').textContent = `${error.code}: ${error.reason}`;
}
