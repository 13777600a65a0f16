import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { PubNubDoor } from './door.ts';

export interface RespondOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Responded {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed. Tests look into it, and fail where a field is not there. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface Begun {
  readonly answer: Promise<Responded>;
  /** The client goes away. */
  abort(): void;
}

/** Hands the door a request without a port, `target` exactly as it would come over the wire. */
export function begin(door: PubNubDoor, method: string, target: string, options: RespondOptions = {}): Begun {
  const { headers = {}, body = '' } = options;
  const bytes = Buffer.from(body);
  const request = new IncomingMessage(new Socket());
  request.method = method;
  request.url = target;
  const length = bytes.length > 0 ? { 'content-length': String(bytes.length) } : {};
  for (const [name, value] of Object.entries({ host: '127.0.0.1:7070', ...length, ...headers })) {
    request.headers[name.toLowerCase()] = value;
  }
  if (bytes.length > 0) request.push(bytes);
  request.push(null);
  const wire = new Wire();
  // As a server does: a connection that is broken off is no fault of the process.
  wire.on('error', () => {});
  const response = new ServerResponse(request);
  response.assignSocket(wire as unknown as Socket);
  const answer = new Promise<Responded>((resolve, reject) => {
    response.once('finish', () => resolve(parse(Buffer.concat(wire.written), method)));
    response.once('close', () => reject(new Error('the connection was closed before an answer')));
  });
  answer.catch(() => {});
  door.handle(request, response);
  return { answer, abort: () => response.destroy() };
}

export function respond(
  door: PubNubDoor,
  method: string,
  target: string,
  options?: RespondOptions,
): Promise<Responded> {
  return begin(door, method, target, options).answer;
}

class Wire extends Duplex {
  readonly written: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(Buffer.from(chunk));
    done();
  }
}

function parse(raw: Buffer, method: string): Responded {
  const end = raw.indexOf('\r\n\r\n');
  const [line = '', ...fields] = raw.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Headers(
    fields.map((field): [string, string] => [
      field.slice(0, field.indexOf(':')),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  );
  const body = raw.subarray(end + 4);
  const promised = headers.get('content-length');
  if (promised !== null && method !== 'HEAD' && Number(promised) !== body.length) {
    throw new Error(`${promised} bytes were promised, ${body.length} came`);
  }
  const text = body.toString();
  return {
    status: Number(line.split(' ')[1]),
    headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}
