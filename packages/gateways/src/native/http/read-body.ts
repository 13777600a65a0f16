import type { IncomingMessage } from 'node:http';
import { Refusal } from './problem.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true });

/** The body as text, at most `most` bytes, of the one content type that pages of other origins cannot send unasked. */
export async function readJsonText(request: IncomingMessage, most: number): Promise<string> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Refusal('request.malformed', 'Send the body as application/json.', { status: 415 });
  }
  if (request.headers['content-encoding'] !== undefined) {
    throw new Refusal('request.malformed', 'Send the body as it is, not encoded.', { status: 415 });
  }
  const bytes = await readBytes(request, most);
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new Refusal('request.malformed', 'The body is not UTF-8.');
  }
}

function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = () => new Refusal('limit.frame', `The body has more than ${most} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= most) parts.push(part);
      else reject(tooLarge());
    });
    request.once('end', () => resolve(Buffer.concat(parts)));
    request.once('close', () => reject(new Refusal('request.malformed', 'The body ended too early.')));
    request.once('error', () => reject(new Refusal('request.malformed', 'The body ended too early.')));
  });
}
