import { statSync } from 'node:fs';
import type { MaybePromise } from '@portcullis/engine';
import type { FunctionResult, Functions } from '../steps/call-function.ts';
import { type Bundle, bundleFunction } from './bundle.ts';
import { FunctionPool, type PoolDeps, type PoolSettings } from './pool.ts';
import { failed } from './result.ts';

export interface FunctionSettings extends PoolSettings {
  /** Absolute path of the app's folder. */
  readonly folder: string;
}

/** How often files are looked at, ms. */
const LOOK_MS = 500;

/** The functions of one app: bundled from its folder, called in workers, and made anew when a file of theirs changes. */
export class AppFunctions implements Functions {
  readonly #deps: PoolDeps;
  readonly #onChange: () => void;
  #settings: FunctionSettings | null = null;
  #bundles: ReadonlyMap<string, Bundle> = new Map();
  #stamps = new Map<string, string>();
  #pool: FunctionPool | null = null;
  #stopLooking: (() => void) | null = null;
  #closed = false;

  /** `onChange`: a function is another from now on. */
  constructor(deps: PoolDeps, onChange: () => void) {
    this.#deps = deps;
    this.#onChange = onChange;
  }

  /** Makes exactly these functions callable. Answers with those that cannot be, and why. */
  async load(names: readonly string[], settings: FunctionSettings): Promise<ReadonlyMap<string, string>> {
    const bundles = await Promise.all(names.map((name) => bundleFunction(settings.folder, name)));
    const settled = JSON.stringify(settings) === JSON.stringify(this.#settings);
    const same = settled && sameVersions(bundles, this.#bundles);
    this.#settings = settings;
    this.#bundles = new Map(bundles.map((bundle) => [bundle.name, bundle]));
    this.#stamps = stampsOf(bundles);
    if (!same) this.#replacePool();
    this.#lookLater();
    return new Map(bundles.flatMap((bundle) => (bundle.ok ? [] : [[bundle.name, bundle.problem] as const])));
  }

  get names(): readonly string[] {
    return [...this.#bundles.keys()];
  }

  /** Tells one state of a function's code from another. */
  versionOf(name: string): string {
    const bundle = this.#bundles.get(name);
    return bundle?.ok ? bundle.version : 'none';
  }

  call(name: string, input: string, timeout: number): MaybePromise<FunctionResult> {
    const bundle = this.#bundles.get(name);
    if (!bundle) return failed('it is not there');
    if (!bundle.ok) return failed(bundle.problem);
    return this.#pool?.call(name, input, timeout) ?? failed('it is not there');
  }

  close(): void {
    this.#closed = true;
    this.#stopLooking?.();
    this.#pool?.close();
  }

  #replacePool(): void {
    this.#pool?.retire();
    const bundles = [...this.#bundles.values()].filter(({ ok }) => ok);
    this.#pool = bundles.length > 0 && this.#settings ? new FunctionPool(bundles, this.#settings, this.#deps) : null;
  }

  #lookLater(): void {
    this.#stopLooking?.();
    this.#stopLooking = null;
    if (this.#closed || this.#bundles.size === 0) return;
    this.#stopLooking = this.#deps.clock.after(LOOK_MS, () => {
      this.#look().catch((error: unknown) => this.#deps.log.error('trigger.reload-failed', { error }));
    });
  }

  async #look(): Promise<void> {
    const settings = this.#settings;
    if (!settings || this.#closed) return;
    const before = this.#bundles;
    const now = stampsOf([...before.values()]);
    if (sameStamps(now, this.#stamps)) return this.#lookLater();
    await this.load([...before.keys()], settings);
    if (this.#closed || sameVersions([...this.#bundles.values()], before)) return;
    for (const bundle of this.#bundles.values()) {
      if (!bundle.ok) this.#deps.log.error('trigger.function-unusable', { name: bundle.name, problem: bundle.problem });
    }
    this.#deps.log.info('trigger.functions-reloaded', { names: [...this.#bundles.keys()] });
    this.#onChange();
  }
}

const versionOf = (bundle: Bundle | undefined): string =>
  bundle?.ok ? bundle.version : `bad ${bundle?.problem ?? ''}`;

function sameVersions(bundles: readonly Bundle[], before: ReadonlyMap<string, Bundle>): boolean {
  return (
    bundles.length === before.size &&
    bundles.every((bundle) => versionOf(bundle) === versionOf(before.get(bundle.name)))
  );
}

/** Time and size of every file that the functions are made of, `''` of one that is not there. */
function stampsOf(bundles: readonly Bundle[]): Map<string, string> {
  return new Map(bundles.flatMap(({ files }) => files.map((file) => [file, stampOf(file)] as const)));
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
}

function sameStamps(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([file, stamp]) => b.get(file) === stamp);
}
