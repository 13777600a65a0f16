/** The body is no `multipart/form-data` of its boundary, or what is in it is over a bound. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

export interface Part {
  /** The form field. */
  readonly name: string;
  /** Its content as it comes. Read it whole, or ask for the next part, which passes over what is left. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Bytes of the headers of one part. */
const HEADERS_MAX = 8 * 1024;

/** The boundary that the content type names; `undefined`: it is no form. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/**
 * Reads a form (RFC 7578) part by part. It holds no more of the body than one chunk and one boundary, or the headers of
 * one part.
 */
export class MultipartReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  /** As if the first boundary came after a line, as the others do. */
  #held: Buffer = Buffer.from('\r\n');
  #ended = false;
  #inPart = true;
  #first = true;

  constructor(chunks: AsyncIterable<Uint8Array>, boundary: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** The next part, or `undefined` after the last. */
  async next(): Promise<Part | undefined> {
    let passed = 0;
    for await (const chunk of this.#content()) {
      passed += chunk.byteLength;
      if (this.#first && passed > HEADERS_MAX) throw new MultipartError('there is no boundary');
    }
    this.#first = false;
    if (await this.#isLast()) return undefined;
    const name = fieldName(await this.#headers());
    this.#inPart = true;
    return { name, content: this.#content() };
  }

  /** Up to the next boundary, which is taken off. */
  async *#content(): AsyncGenerator<Uint8Array> {
    while (this.#inPart) {
      const at = this.#held.indexOf(this.#delimiter);
      const safe = at >= 0 ? at : this.#held.byteLength - this.#delimiter.byteLength + 1;
      const ready = this.#held.subarray(0, Math.max(0, safe));
      this.#held = this.#held.subarray(ready.byteLength + (at >= 0 ? this.#delimiter.byteLength : 0));
      if (at >= 0) this.#inPart = false;
      if (ready.byteLength > 0) yield ready;
      if (at < 0) await this.#more();
    }
  }

  /** Behind a boundary: `--` ends the form, white space and a line's end begin a part. */
  async #isLast(): Promise<boolean> {
    while (this.#held.byteLength < 2) await this.#more();
    if (this.#held.subarray(0, 2).toString('latin1') === '--') return true;
    const line = await this.#until('\r\n', HEADERS_MAX);
    if (/^[ \t]*$/.test(line)) return false;
    throw new MultipartError('a boundary is followed by something else');
  }

  async #headers(): Promise<readonly string[]> {
    const lines: string[] = [];
    let left = HEADERS_MAX;
    for (;;) {
      const line = await this.#until('\r\n', left);
      if (line === '') return lines;
      left -= line.length;
      lines.push(line);
    }
  }

  async #until(end: string, most: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(end);
      if (at > most || (at < 0 && this.#held.byteLength > most + end.length))
        throw new MultipartError('headers are too long');
      if (at >= 0) {
        const text = this.#held.subarray(0, at).toString();
        this.#held = this.#held.subarray(at + end.length);
        return text;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new MultipartError('it ends in the middle');
    const { done, value } = await this.#chunks.next();
    if (done) this.#ended = true;
    else this.#held = this.#held.byteLength === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
    if (done) throw new MultipartError('it ends in the middle');
  }
}

function fieldName(headers: readonly string[]): string {
  const disposition = headers.find((line) => /^content-disposition\s*:/i.test(line)) ?? '';
  const [, quoted, plain] =
    /^[^:]*:\s*form-data\s*;(?:.*;)?\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))/i.exec(disposition) ?? [];
  const name = quoted?.replace(/\\(.)/g, '$1') ?? plain;
  if (name === undefined) throw new MultipartError('a part has no name');
  return name;
}
