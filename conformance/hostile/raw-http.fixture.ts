import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends bytes as they are and reads until the server has closed the connection: every answer that came, in order. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<RawAnswer[]> {
  const parts: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const slow = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the server kept the connection; it said ${Buffer.concat(parts).toString()}`));
    }, 10_000);
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(slow);
      resolve();
    });
  });
  return answersIn(Buffer.concat(parts));
}

/** As `exchange`, where one answer is all that may come. */
export async function ask(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  const answers = await exchange(port, bytes);
  const [only] = answers;
  if (only === undefined || answers.length > 1) throw new Error(`${answers.length} answers came`);
  return only;
}

export function handshake(path: string, ...headers: string[]): string {
  return request(
    `GET ${path} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  );
}

/** A request head; `Host` is this machine's unless one of the lines names another. */
export function request(line: string, ...headers: string[]): string {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : ['Host: 127.0.0.1'];
  return [line, ...host, ...headers, '', ''].join('\r\n');
}

function answersIn(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`no answer: ${rest.subarray(0, 200).toString()}`);
    const [line = '', ...fields] = rest.subarray(0, end).toString().split('\r\n');
    const headers = new Map(fields.map((field) => splitField(field)));
    const length = Number(headers.get('content-length') ?? 0);
    answers.push({
      status: Number(line.split(' ')[1]),
      headers,
      body: rest.subarray(end + 4, end + 4 + length).toString(),
    });
    rest = rest.subarray(end + 4 + length);
  }
  return answers;
}

function splitField(field: string): [string, string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
}
