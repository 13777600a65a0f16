import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Clock, SILENT_LOG } from '@portcullis/engine';
import { AppFunctions, type FunctionSettings } from './app-functions.ts';

/** Real time: what is called runs in real threads. */
export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  endOfTurn: (fn) => void setImmediate(fn),
};

/** A folder of functions, and what calls them. */
export class FunctionHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'portcullis-functions-'));
  readonly changes: number[] = [];
  readonly functions = new AppFunctions(
    { clock: REAL_CLOCK, measure: () => performance.now(), memory: () => process.memoryUsage.rss(), log: SILENT_LOG },
    () => this.changes.push(Date.now()),
  );

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  load(names: readonly string[], more: Partial<FunctionSettings> = {}) {
    return this.functions.load(names, {
      folder: this.folder,
      workers: 2,
      memory: 32,
      longest: 65_536,
      publishes: 10,
      env: {},
      pending: 1_000,
      wait: 5_000,
      ...more,
    });
  }

  call(name: string, payload: unknown = null, timeout = 500) {
    return Promise.resolve(this.functions.call(name, JSON.stringify({ payload }), timeout));
  }

  close(): void {
    this.functions.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
