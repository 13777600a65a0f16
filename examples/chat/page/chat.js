import { connect } from '/portcullis.min.js';

const name = new URLSearchParams(location.search).get('name') ?? '';
const byId = (id) => document.getElementById(id);
const enter = async () => (await fetch('/token', { method: 'POST', body: JSON.stringify({ name }) })).json();

const { url, key } = await enter();
const client = connect({ url, key, getToken: async () => (await enter()).token, queue: 20 });
const room = client.channel('room/lobby');
const nameOf = (from) => (from?.session === client.session ? 'you' : (from?.extras?.name ?? 'a guest'));

client.on('state', ({ state, error }) => {
  byId('line').textContent = error ? `${state}: ${error.reason}` : state;
});
room.on('message', ({ from, data, to }) => {
  write(to === 'you' ? 'private' : '', `${nameOf(from)}${to === 'you' ? ', only to you' : ''}`, data.text);
});
room.on('lost', ({ error }) => write('refused', 'You lost the room', `${error.reason} (${error.code})`));
room.on('gap', () => write('refused', 'Something may be missing here', 'the connection was gone for too long'));
room.on('roster', ({ members }) => {
  byId('people').replaceChildren(...members.map(personOf));
  const chosen = byId('to').value;
  const others = members.filter(({ user, proven, session }) => user && proven && session !== client.session);
  byId('to').replaceChildren(
    new Option('everyone', ''),
    ...new Map(others.map(({ user, extras }) => [user, new Option(`only ${extras?.name ?? user}`, user)])).values(),
  );
  byId('to').value = [...byId('to').options].some(({ value }) => value === chosen) ? chosen : '';
});

byId('composer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = byId('text').value.trim();
  const to = byId('to').value;
  if (text === '') return;
  byId('text').value = '';
  say(false);
  try {
    await room.publish({ text }, to === '' ? {} : { to: { user: to } });
    if (to !== '') write('private', `you, only to ${to}`, text);
  } catch (error) {
    write('refused', `Not sent: “${text}”`, [error.reason, error.fix, `(${error.code})`].filter(Boolean).join(' '));
  }
});

// Who types is said in the roster, once when it begins and once when it ends.
let typing = false;
let quiet;
byId('text').addEventListener('input', () => {
  clearTimeout(quiet);
  quiet = setTimeout(() => say(false), 3_000);
  say(byId('text').value !== '');
});
function say(types) {
  if (types === typing) return;
  typing = types;
  room.setState({ typing }).catch(() => {});
}

room.join({ presence: true, history: 50 }).catch((error) => write('refused', 'You may not come in', error.reason));

function write(kind, who, text) {
  const line = document.createElement('p');
  line.className = kind;
  const by = document.createElement('b');
  by.textContent = `${who} `;
  line.append(by, text);
  byId('log').append(line);
  line.scrollIntoView({ block: 'end' });
}

function personOf({ extras, state, session }) {
  const item = document.createElement('li');
  item.textContent = session === client.session ? `${extras?.name ?? 'a guest'} (you)` : (extras?.name ?? 'a guest');
  const note = document.createElement('small');
  note.textContent = state?.typing ? ' types…' : '';
  item.append(note);
  return item;
}
