import { CODES, type Code } from '@portcullis/policy';

/** One field that was wrong in a request's body or query. */
export interface FieldProblem {
  /** Dotted path into the body; `''` for all of it. */
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** What is particular about this case. The code's own sentence when absent. */
  readonly detail?: string;
  /** When the case has another status than its code. */
  readonly status?: number;
  readonly errors?: readonly FieldProblem[];
  /** The nearest fix, where it is another than its code's. */
  readonly fix?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body, for clients that look for them. */
  readonly members?: Readonly<Record<string, unknown>>;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** An expected refusal on an HTTP path, thrown to the one edge that answers it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly code: Code;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: Code, options: ProblemOptions = {}) {
    super(options.detail ?? CODES[code].sentence);
    this.code = code;
    this.status = options.status ?? CODES[code].http;
    this.options = options;
  }

  /** RFC 9457 problem details, with our code and the nearest fix as extension members. */
  get body() {
    const { errors, fix = CODES[this.code].fix, members } = this.options;
    return {
      type: `urn:portcullis:code:${this.code}`,
      title: CODES[this.code].sentence,
      status: this.status,
      detail: this.message,
      code: this.code,
      fix,
      ...(errors && { errors }),
      ...members,
    };
  }

  get headers(): Record<string, string> {
    return {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...this.options.headers,
    };
  }

  toResponse(): Response {
    return new Response(JSON.stringify(this.body), { status: this.status, headers: this.headers });
  }

  /** The whole answer as bytes on a connection that is closed after it: for sockets without a response object. */
  toWire(): string {
    const body = JSON.stringify(this.body);
    const headers = { ...this.headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `HTTP/1.1 ${this.status} ${REASONS.get(this.status) ?? 'Error'}\r\n${lines.join('')}\r\n${body}`;
  }
}

const REASONS = new Map([
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [408, 'Request Timeout'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [421, 'Misdirected Request'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
]);
