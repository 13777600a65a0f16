import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './problem.ts';

const HEADERS = 'authorization, content-type, last-event-id';

/** Lets pages of allowed origins read the answer; throws for others. No cookies are read here, so none are allowed. */
export function allowOrigin(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  allowed: (origin: string | undefined) => boolean,
): void {
  if (!allowed(origin)) throw new Refusal('request.origin-not-allowed');
  if (origin === undefined) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'x-portcullis-code, retry-after');
  response.setHeader('vary', 'origin');
}

/** What a browser asks before a request with a token or a body. */
export function answerPreflight(response: ServerResponse, method: string): void {
  response.writeHead(204, {
    'access-control-allow-methods': method,
    'access-control-allow-headers': HEADERS,
    'access-control-max-age': '600',
  });
  response.end();
}
