import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Principal } from '@portcullis/policy';
import type { Body } from './body.ts';
import type { Call, PubNubApp } from './call.ts';
import type { OpenCalls, Waiter } from './open-calls.ts';
import type { QueryParameters } from './query.ts';
import type { Asked } from './read-request.ts';
import { decodePart } from './target.ts';

export interface CallParts {
  readonly asked: Asked;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Body;
  readonly principal: Principal;
  readonly openCalls: OpenCalls;
}

/** One call over HTTP. What few endpoints ask for is made when it is asked for: thousands of these hang in polls. */
export class HttpCall implements Call {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get method(): string {
    return this.#parts.asked.method;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#parts.asked.params;
  }

  get query(): QueryParameters {
    return this.#parts.asked.query;
  }

  get app(): PubNubApp {
    const { app } = this.#parts.asked;
    if (app === undefined) throw new Error('an endpoint without keys asked for its app');
    return app;
  }

  get principal(): Principal {
    return this.#parts.principal;
  }

  get uuid(): string {
    return this.query.get('uuid') ?? '';
  }

  get address(): string {
    return this.#parts.asked.address;
  }

  names(param: string): readonly string[] {
    const raw = this.params[param] ?? ',';
    // Each was decoded before to see that it can be.
    return raw === ',' ? [] : raw.split(',').map((name) => decodePart(name) ?? '');
  }

  body(): Promise<string> {
    return this.#parts.body.text();
  }

  content(): Readable {
    return this.#parts.request;
  }

  waitFor(waiter: Waiter): void {
    const { request, response, openCalls } = this.#parts;
    // Node holds a request until it is answered. A browser's headers alone are a kilobyte or two.
    request.rawHeaders = [];
    request.headers = {};
    request.url = '';
    openCalls.add(waiter, response);
  }

  get headers(): ReadonlyMap<string, string> {
    return new Map(
      Object.entries(this.#parts.request.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
      ),
    );
  }
}
