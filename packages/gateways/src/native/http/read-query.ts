import { Refusal } from './problem.ts';

/** The parameters of a request, each by its name; one that nobody asks for is refused with its name. */
export class Query {
  readonly #values: URLSearchParams;
  readonly #asked = new Set<string>();

  constructor(target: string) {
    const at = target.indexOf('?');
    this.#values = new URLSearchParams(at < 0 ? '' : target.slice(at));
  }

  all(name: string): readonly string[] {
    this.#asked.add(name);
    return this.#values.getAll(name);
  }

  one(name: string): string | undefined {
    const values = this.all(name);
    if (values.length > 1) throw new Refusal('request.malformed', `\`${name}\` came more than once.`);
    return values[0];
  }

  flag(name: string): boolean {
    const value = this.one(name);
    if (value === undefined || value === 'false') return false;
    if (value === 'true') return true;
    throw new Refusal('request.malformed', `\`${name}\` has to be true or false.`);
  }

  count(name: string, max: number): number {
    const value = this.one(name) ?? '0';
    if (/^\d{1,9}$/.test(value) && Number(value) <= max) return Number(value);
    throw new Refusal('request.malformed', `\`${name}\` has to be a whole number up to ${max}.`);
  }

  /** Refuses what was not asked for. */
  end(): void {
    for (const name of this.#values.keys()) {
      if (this.#asked.has(name)) continue;
      throw new Refusal('request.malformed', `There is no parameter ${JSON.stringify(name.slice(0, 40))}.`);
    }
  }
}
