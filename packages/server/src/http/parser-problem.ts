import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpProblem } from './problem.ts';

/**
 * Of the bytes of a request line and its headers, Node counts neither the method and version nor what separates them. Less
 * by this than the default limit is also less than what one read brings: so a longer address is seen for what it is.
 */
export const NOT_COUNTED = 1_024;

/** What Node's parser says of a request it gave up. */
export interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

export function problemOfParser(error: ParserError, socket: Duplex): HttpProblem {
  if (error.code === 'HPE_HEADER_OVERFLOW') return isAddress(error, socket) ? ADDRESS_TOO_LONG : HEADERS_TOO_LONG;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpProblem('request.timeout');
  return new HttpProblem('request.malformed', { detail: 'This is no HTTP request.' });
}

/** Whether it was the address that went on for too long. In the middle of a connection that cannot always be told. */
function isAddress({ rawPacket, bytesParsed = 0 }: ParserError, socket: Duplex): boolean {
  if (rawPacket === undefined) return false;
  const isFirst = socket instanceof Socket && socket.bytesRead === rawPacket.length;
  if (isFirst && !rawPacket.subarray(0, bytesParsed).includes('\n')) return true;
  return rawPacket.toString('latin1', bytesParsed, bytesParsed + 6) === ' HTTP/';
}

const CODE = 'limit.maxHeader';
/** Clients of the PubNub SDKs send the longest addresses, and look for their vendor's fields. */
const HEADERS = { 'access-control-allow-origin': '*', 'x-portcullis-code': CODE };
const ADDRESS_TOO_LONG = new HttpProblem(CODE, {
  status: 414,
  headers: HEADERS,
  members: { message: 'Request URI Too Long', error: true, service: 'Balancer' },
});
const HEADERS_TOO_LONG = new HttpProblem(CODE, { headers: HEADERS });
