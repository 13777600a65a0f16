import type { Files, StoredBytes } from '../ports/files.ts';
import type { Case } from './case.ts';
import { check, checkSame, rejection } from './check.ts';

/** One empty adapter for one case. */
export interface FilesHarness {
  readonly files: Files;
  /** What else the adapter holds, leftovers of puts that came to nothing among it. Files themselves are not counted. */
  leftovers(): Promise<number>;
}

const MOST = 1_000;

async function* chunksOf(...parts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Uint8Array.from(part, (char) => char.charCodeAt(0));
  }
}

async function textOf(stored: StoredBytes | null): Promise<string | null> {
  if (stored === null) return null;
  let text = '';
  let size = 0;
  for await (const chunk of stored.chunks) {
    text += String.fromCharCode(...chunk);
    size += chunk.byteLength;
  }
  checkSame(size, stored.size, 'the size said before');
  return text;
}

/** The contract of the `Files` port, for every adapter. */
export const filesCases: readonly Case<FilesHarness>[] = [
  {
    name: 'gives back what was put, in whatever pieces it came',
    async run({ files }) {
      checkSame(await files.put('a', chunksOf('one ', '', 'two'), MOST), { ok: true, size: 7 }, 'put');
      checkSame(await textOf(await files.get('a')), 'one two', 'got');
      checkSame(await files.put('empty', chunksOf(), MOST), { ok: true, size: 0 }, 'put nothing');
      checkSame(await textOf(await files.get('empty')), '', 'got nothing');
    },
  },
  {
    name: 'has nothing where nothing was put, or what was put was deleted',
    async run({ files }) {
      checkSame(await files.get('a'), null, 'before');
      await files.put('a', chunksOf('x'), MOST);
      checkSame(await files.delete('a'), true, 'deleted');
      checkSame(await files.delete('a'), false, 'deleted again');
      checkSame(await files.get('a'), null, 'after');
    },
  },
  {
    name: 'takes up to the most allowed and not a byte more, and then reads no further',
    async run({ files, leftovers }) {
      checkSame(await files.put('a', chunksOf('1234'), 4), { ok: true, size: 4 }, 'as many as allowed');
      let read = 0;
      async function* endless() {
        for (;;) {
          read += 1;
          yield new Uint8Array(3);
        }
      }
      checkSame(await files.put('a', endless(), 4), { ok: false, problem: 'too-large' }, 'one more');
      checkSame(read, 2, 'chunks that were read');
      checkSame(await textOf(await files.get('a')), '1234', 'what was there');
      checkSame(await leftovers(), 0, 'leftovers');
    },
  },
  {
    name: 'keeps what was there when what was to replace it breaks off',
    async run({ files, leftovers }) {
      await files.put('a', chunksOf('before'), MOST);
      const broken = new Error('broken off');
      const put = files.put('a', chunksOf('after', broken), MOST);
      check((await rejection(put, 'put')) === broken, 'the error of the source is the error of the put');
      checkSame(await textOf(await files.get('a')), 'before', 'what was there');
      checkSame(await leftovers(), 0, 'leftovers');
    },
  },
  {
    name: 'replaces a file as a whole',
    async run({ files }) {
      await files.put('a', chunksOf('a long one'), MOST);
      await files.put('a', chunksOf('short'), MOST);
      checkSame(await textOf(await files.get('a')), 'short', 'got');
    },
  },
  {
    name: 'tells keys apart, also those that differ by case alone',
    async run({ files }) {
      const keys = ['a', 'A', 'aa', 'a-a', 'a_a', 'x'.repeat(128)];
      for (const key of keys) await files.put(key, chunksOf(key), MOST);
      for (const key of keys) checkSame(await textOf(await files.get(key)), key, 'got');
    },
  },
  {
    name: 'takes no key that could be a path',
    async run({ files }) {
      for (const key of ['', '.', '..', '../a', 'a/b', 'a\\b', 'a.b', 'a\0', 'ä', 'x'.repeat(129)]) {
        check((await rejection(files.put(key, chunksOf('x'), MOST), 'put')) instanceof TypeError, `put «${key}»`);
        check((await rejection(files.get(key), 'get')) instanceof TypeError, `get «${key}»`);
        check((await rejection(files.delete(key), 'delete')) instanceof TypeError, `delete «${key}»`);
      }
    },
  },
  {
    name: 'lets several put and get at once',
    async run({ files }) {
      const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
      await Promise.all(texts.map((text, n) => files.put(`k${n}`, chunksOf(text), MOST)));
      const got = await Promise.all(texts.map(async (_, n) => textOf(await files.get(`k${n}`))));
      checkSame(got, texts, 'got');
      await Promise.all(texts.map((text) => files.put('same', chunksOf(text, text), MOST)));
      const same = await textOf(await files.get('same'));
      check(
        texts.some((text) => same === text + text),
        'one of them stands, whole',
      );
    },
  },
];
