import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { native } from './native.mjs';
import { xano } from './xano.mjs';

const DOORS = { native, xano };
const built = existsSync(join(import.meta.dirname, '../../packages/gateways/dist/native/index.js'));

/** The door that figures are taken at: our own where it is there. `DOOR=xano` takes them at the other. */
export const door = DOORS[process.env.DOOR ?? (built ? 'native' : 'xano')];
if (door === undefined) throw new Error(`DOOR is one of ${Object.keys(DOORS).join(', ')}`);

/** The line of a script for one connection: request headers, what it says on arrival, the frame it publishes with. */
export function line({ bearer, channels = [], publish = '', presence = false }) {
  const joins = channels.map((channel) => door.join(channel, { presence }));
  return [door.headers(bearer), ...door.hello(bearer), ...joins, publish].join('\t');
}
