import type { IncomingMessage } from 'node:http';
import { type AddressResolver, isLoopbackAddress } from './address.ts';

/** Who is at the other end of a request. */
export interface Peer {
  /** After trusted proxies. */
  readonly address: string;
  /** On this machine, and not forwarded by anything: no header says that it speaks for somebody else. */
  readonly local: boolean;
}

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

export function peerOf(request: IncomingMessage, resolveAddress: AddressResolver): Peer {
  const direct = request.socket.remoteAddress;
  const forwardedFor = request.headers['x-forwarded-for'];
  const address = resolveAddress(direct, Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor);
  const forwarded = FORWARDED.some((name) => request.headers[name] !== undefined);
  return { address, local: !forwarded && isLoopbackAddress(direct ?? '') };
}
