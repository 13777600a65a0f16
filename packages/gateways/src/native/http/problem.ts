import type { ServerResponse } from 'node:http';
import { CODES, type Code } from '@portcullis/policy';

/** An expected refusal, thrown to the one place that answers it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: Code;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, message: string = CODES[code].sentence, options: RefusalOptions = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? CODES[code].http;
    this.headers = options.headers ?? {};
  }
}

interface RefusalOptions {
  /** When the case has another status than its code. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with RFC 9457 problem details. `explained`: the nearest fix is said. */
export function answerProblem(response: ServerResponse, refusal: Refusal, explained: boolean): void {
  const { code, status, message } = refusal;
  const { sentence, fix } = CODES[code];
  const body = JSON.stringify({
    type: `urn:portcullis:code:${code}`,
    title: sentence,
    status,
    detail: message,
    code,
    ...(explained && { fix }),
  });
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-portcullis-code': code,
    ...(status === 503 && { 'retry-after': '1' }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...refusal.headers,
  });
  response.end(body);
}

export function answerJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
