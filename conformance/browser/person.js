// Runs in the page. The SDK's bundle insists on wss and port 443: the WebSocket it finds leads to the server under test.
// Nothing of the SDK is changed.
{
  const { port } = globalThis.target;
  const sockets = [];
  const channels = new Map();
  let client;

  globalThis.WebSocket = class extends WebSocket {
    constructor(address, protocols) {
      super(`ws://127.0.0.1:${port}${new URL(address).pathname}`, protocols);
      const note = { offered: protocols ?? null, protocol: null, closedWith: null };
      sockets.push(note);
      this.addEventListener('open', () => {
        note.protocol = this.protocol;
      });
      this.addEventListener('close', ({ code }) => {
        note.closedWith = code;
      });
    }
  };

  const plain = (value) => JSON.parse(JSON.stringify(value ?? null));

  /** What the test asks of this person; every answer is plain JSON. */
  globalThis.person = {
    arrive(hash, token) {
      client = new globalThis.XanoClient({
        instanceBaseUrl: 'https://realtime.example',
        realtimeConnectionHash: hash,
        ...(token === null ? {} : { realtimeAuthToken: token }),
      });
    },
    open(name, options) {
      const channel = client.channel(name, options);
      const heard = { channel, actions: [], errors: [] };
      channels.set(name, heard);
      channel.on(
        (action) => heard.actions.push(plain(action)),
        (error) => heard.errors.push(plain(error)),
      );
    },
    send: (name, payload, options) => void channels.get(name).channel.message(payload, options ?? undefined),
    sendToPeer: (name, id, payload) => peer(name, id).message(payload),
    askHistory: (name) => void channels.get(name).channel.history(),
    leave: (name) => void channels.get(name).channel.destroy(),
    reconnect(token) {
      client.setRealtimeAuthToken(token);
      client.realtimeReconnect();
    },
    actions: (name) => channels.get(name).actions,
    errors: (name) => channels.get(name).errors,
    present: (name) =>
      channels
        .get(name)
        .channel.getPresence()
        .map(({ socketId }) => socketId),
    sockets: () => sockets,
  };

  function peer(name, id) {
    return channels
      .get(name)
      .channel.getPresence()
      .find(({ socketId }) => socketId === id);
  }
}
