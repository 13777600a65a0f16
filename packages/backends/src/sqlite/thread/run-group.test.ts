import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDriver } from './libsql-driver.js';
import type { Driver, SqlValue, Unit } from './protocol.ts';
import { runGroup } from './run-group.js';

const TEXTS = [
  'INSERT INTO t (id, text) VALUES (?, ?)',
  'SELECT id FROM t ORDER BY id',
  'UPDATE t SET text = ? WHERE id = ?',
  'SELECT x FROM nowhere',
];
const write = (...statements: Unit['statements'][number][]): Unit => ({ writes: true, guarded: false, statements });
const guarded = (...statements: Unit['statements'][number][]): Unit => ({ writes: true, guarded: true, statements });
const insert = (id: SqlValue, text = 'x') => [0, id, text] as const;
const READ: Unit = { writes: false, guarded: false, statements: [[1]] };

/** The library, with everything noted that was asked of it outside prepared statements. */
function counting(driver: Driver): Driver & { readonly said: string[] } {
  const said: string[] = [];
  return {
    ...driver,
    said,
    exec(sql) {
      said.push(sql);
      driver.exec(sql);
    },
  };
}

let driver: ReturnType<typeof counting>;
beforeEach(() => {
  const library = openDriver(':memory:');
  library.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT) STRICT');
  driver = counting(library);
});
afterEach(() => driver.close());

const run = (...units: Unit[]) => runGroup(driver, TEXTS, units);
const ids = () => run(READ)[0];

describe('a group of units', () => {
  it('is one transaction, however many write', () => {
    const answers = run(...Array.from({ length: 1_000 }, (_, id) => write(insert(id))));
    expect(answers).toEqual(Array.from({ length: 1_000 }, () => 1));
    expect(driver.said).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  });

  it('that only reads is no transaction', () => {
    expect(run(READ, READ)).toEqual([[], []]);
    expect(driver.said).toEqual([]);
  });

  it('is run in order: reads see the writes before them, and none after', () => {
    const answers = run(READ, write(insert(1)), READ, write(insert(2)), READ);
    expect(answers).toEqual([[], 1, [[1n]], 1, [[1n], [2n]]]);
  });

  it('loses one unit to its own fault, whole, and keeps the others', () => {
    const answers = run(write(insert(1)), write(insert(2), insert(1), insert(3)), write(insert(1)), write(insert(4)));
    expect(answers).toEqual([
      1,
      { kind: 'conflict', message: expect.stringContaining('UNIQUE') },
      { kind: 'conflict', message: expect.stringContaining('UNIQUE') },
      1,
    ]);
    expect(ids()).toEqual([[1n], [4n]]);
    expect(driver.said).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  });

  it('loses a guarded unit whose first statement changes nothing', () => {
    const answers = run(write(insert(1)), guarded([2, 'y', 1], insert(2)), guarded([2, 'y', 99], insert(3)));
    expect(answers).toEqual([1, 2, { kind: 'guard', message: expect.any(String) }]);
    expect(ids()).toEqual([[1n], [2n]]);
  });

  it('answers a read that cannot be made, alone and among writes', () => {
    const wrong: Unit = { writes: false, guarded: false, statements: [[3]] };
    const fault = { kind: 'fault', message: expect.stringContaining('nowhere') };
    expect(run(wrong, READ)).toEqual([fault, []]);
    expect(run(wrong, write(insert(1)))).toEqual([fault, 1]);
  });

  it('that the disk has no room for fails whole; its reads see what is there, and it may come again when there is room', () => {
    run(write(insert(1)));
    driver.exec('PRAGMA max_page_count = 8');
    const big = 'x'.repeat(9_000);
    const units = [write(insert(2)), READ, ...[3, 4, 5, 6].map((id) => write(insert(id, big))), write(insert(7))];
    const full = { kind: 'full', message: expect.any(String) };
    expect(run(...units)).toEqual([full, [[1n]], full, full, full, full, full]);
    expect(run(write(insert(2)))).toEqual([1]);
    expect(run(READ, write([2, 'z', 2]))).toEqual([[[1n], [2n]], 1]);
    driver.exec('PRAGMA max_page_count = 100');
    expect(run(...units.slice(1))).toEqual([[[1n], [2n]], 1, 1, 1, 1, 1]);
  });

  it('whose commit fails is not there', () => {
    const broken: Driver = {
      ...driver,
      exec(sql) {
        if (sql === 'COMMIT') throw Object.assign(new Error('disk I/O error'), { rawCode: 10 });
        driver.exec(sql);
      },
    };
    expect(runGroup(broken, TEXTS, [write(insert(1)), READ])).toEqual([
      { kind: 'fault', message: 'disk I/O error' },
      [],
    ]);
    expect(ids()).toEqual([]);
    expect(run(write(insert(1)))).toEqual([1]);
  });
});
