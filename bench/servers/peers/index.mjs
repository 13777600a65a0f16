import { centrifugo } from './centrifugo.mjs';
import { nats } from './nats.mjs';
import { nchan } from './nchan.mjs';
import { plainWs } from './plain-ws.mjs';
import { socketIo } from './socket-io.mjs';

/** Each starts a server on the server's core and says how a load program subscribes and publishes there. */
export const PEERS = [nats, nchan, centrifugo, socketIo, plainWs];
