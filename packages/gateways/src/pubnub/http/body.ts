import type { IncomingMessage } from 'node:http';
import { CallRefused } from './call-refused.ts';
import { type Family, type Problem, problem } from './families.ts';
import { type BodyFault, readBody } from './read-body.ts';

export interface BodyOptions {
  readonly request: IncomingMessage;
  readonly family: Family;
  /** Bytes, inflated or not. */
  readonly max: number;
  readonly timetoken: () => bigint;
}

/** A request's body, read once whoever asks for it, and refused in the words of the request's family. */
export class Body {
  readonly #options: BodyOptions;
  #text: Promise<string> | undefined;

  constructor(options: BodyOptions) {
    this.#options = options;
  }

  text(): Promise<string> {
    this.#text ??= this.#read();
    return this.#text;
  }

  async #read(): Promise<string> {
    const { request, family, max, timetoken } = this.#options;
    const read = await readBody(request, max);
    if (read.ok) return read.text;
    throw new CallRefused(problem(family, wordFault(read.fault, family), timetoken()));
  }
}

function wordFault(fault: BodyFault, family: Family): Problem {
  switch (fault) {
    case 'too-large':
      return family.errors === 'array'
        ? { code: 'limit.message', status: 400, message: 'Message Too Large' }
        : { code: 'limit.bodyEnvelope' };
    case 'unknown-encoding':
      return { code: 'request.malformed', status: 415, message: 'The body is encoded neither as deflate nor as gzip.' };
    case 'not-inflatable':
      return { code: 'request.malformed', message: 'The body cannot be inflated.' };
    case 'not-utf-8':
      return { code: 'request.malformed', message: 'The body is not UTF-8.' };
    case 'broken-off':
      return { code: 'request.malformed', message: 'The body ended too early.' };
  }
}
