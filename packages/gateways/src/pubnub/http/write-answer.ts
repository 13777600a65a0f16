import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './call.ts';

const TYPES = new Map([
  ['javascript', 'text/javascript; charset="UTF-8"'],
  ['json', 'application/json'],
  ['pam', 'text/javascript; charset=UTF-8'],
  ['xml', 'application/xml'],
]);

/** Any page may use this door: it reads no cookies. */
const EVERY_ANSWER: readonly (readonly [string, string])[] = [
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Expose-Headers', 'ETag, Location, Retry-After, X-Portcullis-Code, X-Pn-Cause'],
  ['Cache-Control', 'no-cache'],
  ['X-Content-Type-Options', 'nosniff'],
];

/** `bodiless`: the request was a HEAD. Without effect when the client is gone. */
export function writeAnswer(response: ServerResponse, answer: Answer, bodiless = false): void {
  if (response.headersSent || response.destroyed) return;
  const { status, type, body, stream, headers } = answer;
  for (const [name, value] of EVERY_ANSWER) response.setHeader(name, value);
  if (status !== 204) {
    response.setHeader('Content-Type', TYPES.get(type) ?? type);
    response.setHeader('Content-Length', stream?.size ?? Buffer.byteLength(body));
  }
  response.writeHead(status, headers);
  if (bodiless || status === 204) response.end();
  else if (stream === undefined) response.end(body);
  else sendStream(response, stream);
}

/** A source that fails, or has not what it promised, breaks the connection off: no other sign is left to give. */
function sendStream(response: ServerResponse, { size, chunks }: NonNullable<Answer['stream']>): void {
  pipeline(Readable.from(exactly(size, chunks)), response).catch(() => response.destroy());
}

async function* exactly(size: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of chunks) {
    left -= chunk.byteLength;
    if (left < 0) throw new RangeError('a file has more bytes than were announced');
    yield chunk;
  }
  if (left > 0) throw new RangeError('a file has fewer bytes than were announced');
}

/** What a browser asks before it sends a request of a page of another origin. */
export const PREFLIGHT: Answer = {
  status: 204,
  type: '',
  body: '',
  headers: {
    'Access-Control-Allow-Methods': 'GET, POST, PATCH, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': 'Accept, Content-Encoding, Content-Type, If-Match, Range, X-Requested-With',
    'Access-Control-Max-Age': '86400',
  },
};
