import type { Codec, Outlet } from './ports/outlet.ts';

const NOTHING = new Uint8Array(0);

/** The wire of a session that has none: whoever is present without a connection. */
export const NO_CODEC: Codec = { name: 'none', publications: () => NOTHING, notice: () => NOTHING };
export const NO_OUTLET: Outlet = { write() {}, buffered: () => 0, cork() {}, uncork() {}, end() {} };
