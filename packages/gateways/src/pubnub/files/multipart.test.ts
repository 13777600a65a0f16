import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, MultipartError, MultipartReader } from './multipart.ts';

async function* piecesOf(body: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let n = 0; at < body.byteLength; n++) {
    const size = sizes[n % Math.max(1, sizes.length)] ?? body.byteLength;
    yield body.subarray(at, at + size);
    at += size;
  }
}

interface Field {
  readonly name: string;
  readonly content: Buffer;
}

function formOf(fields: readonly Field[], boundary: string): Buffer {
  const parts = fields.map(({ name, content }) => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: text/plain\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
  });
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
}

async function readAll(chunks: AsyncIterable<Uint8Array>, boundary: string): Promise<Field[]> {
  const reader = new MultipartReader(chunks, boundary);
  const fields: Field[] = [];
  for (let part = await reader.next(); part; part = await reader.next()) {
    const held: Uint8Array[] = [];
    for await (const chunk of part.content) held.push(chunk);
    fields.push({ name: part.name, content: Buffer.concat(held) });
  }
  return fields;
}

const BOUNDARY = 'b';
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
/** Contents that come close to the boundary. */
const content = fc
  .array(
    fc.oneof(fc.constantFrom('\r\n--', '\r\n', '--b', '-', '\r', '\n--b', '\r\n--a', 'b'), fc.string({ maxLength: 3 })),
  )
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes('\r\n--b') && !`\r\n${text}`.includes('\r\n--b'))
  .map((text) => Buffer.from(text));

describe('a form', () => {
  it('comes out as it went in, whatever is in it and however it is cut into pieces', async () => {
    const field = fc.record({ name: fc.stringMatching(/^[a-z0-9 -]{1,10}$/), content });
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 4 }), sizes, async (fields, cut) => {
        expect(await readAll(piecesOf(formOf(fields, BOUNDARY), cut), BOUNDARY)).toEqual(fields);
      }),
      { numRuns: 300 },
    );
  });

  it('either is one or is refused as none, whatever comes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc
        .array(fc.constantFrom('--b', '\r\n', '--', 'Content-Disposition: form-data; name="x"', ':', 'y'))
        .map((all) => Buffer.from(all.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, sizes, async (body, cut) => {
        await readAll(piecesOf(body, cut), BOUNDARY).catch((error: unknown) => {
          expect(error).toBeInstanceOf(MultipartError);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when it is cut off anywhere', async () => {
    const whole = formOf(
      [
        { name: 'a', content: Buffer.from('text') },
        { name: 'file', content: Buffer.from('bytes') },
      ],
      BOUNDARY,
    );
    for (let length = 0; length < whole.byteLength - 4; length++) {
      await expect(readAll(piecesOf(whole.subarray(0, length), [7]), BOUNDARY)).rejects.toThrow(MultipartError);
    }
  });

  it('passes over a part that is not read', async () => {
    const fields = ['a', 'b', 'c'].map((name) => ({ name, content: Buffer.from(name.repeat(50)) }));
    const reader = new MultipartReader(piecesOf(formOf(fields, BOUNDARY), [16]), BOUNDARY);
    const names: (string | undefined)[] = [];
    for (let part = await reader.next(); part; part = await reader.next()) names.push(part.name);
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a preamble that goes on', Buffer.alloc(20_000, 'x')],
    ['headers that go on', Buffer.from(`--b\r\nX: ${'x'.repeat(20_000)}`)],
    ['headers without end', Buffer.from(`--b\r\n${'X: y\r\n'.repeat(5_000)}`)],
    ['a part without a name', Buffer.from('--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--')],
    ['a boundary with a tail', Buffer.from('--bcd\r\n\r\n')],
  ])('is refused for %s', async (_name, body) => {
    await expect(readAll(piecesOf(body, [1_000]), BOUNDARY)).rejects.toThrow(MultipartError);
  });

  it('holds no more than a chunk of what it reads', async () => {
    const total = 20 * 1024 * 1024;
    async function* large() {
      yield Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n');
      for (let sent = 0; sent < total; sent += 65_536) yield Buffer.alloc(65_536, 1);
      yield Buffer.from('\r\n--b--\r\n');
    }
    const part = await new MultipartReader(large(), BOUNDARY).next();
    let got = 0;
    for await (const chunk of part?.content ?? []) {
      expect(chunk.byteLength).toBeLessThanOrEqual(65_536 + 16);
      got += chunk.byteLength;
    }
    expect(got).toBe(total);
  });

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b:c"', 'a b:c'],
    ['multipart/form-data; boundary=abc; x=y', 'abc'],
    ['multipart/mixed; boundary=abc', undefined],
    ['multipart/form-data', undefined],
    [`multipart/form-data; boundary=${'x'.repeat(71)}`, undefined],
    ['', undefined],
  ])('finds the boundary in «%s»', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
