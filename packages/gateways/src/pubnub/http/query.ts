import type { Query } from './call.ts';
import { decodePart } from './target.ts';

export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** As it came: what some clients sign. */
  readonly raw: string;
}

/** The parameters of a request, in their order. */
export class QueryParameters implements Query {
  readonly parameters: readonly Parameter[];
  readonly #byName = new Map<string, Parameter[]>();

  constructor(parameters: readonly Parameter[]) {
    this.parameters = parameters;
    for (const parameter of parameters) {
      const same = this.#byName.get(parameter.name);
      if (same === undefined) this.#byName.set(parameter.name, [parameter]);
      else same.push(parameter);
    }
  }

  get(name: string): string | undefined {
    return this.#byName.get(name)?.[0]?.value;
  }

  all(name: string): readonly string[] {
    return this.#byName.get(name)?.map(({ value }) => value) ?? [];
  }

  /** Some clients encode the commas between the items, some do not. No name may hold one, so both read alike. */
  list(name: string): readonly string[] {
    const value = this.get(name) ?? '';
    return value === '' ? [] : value.split(',');
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Of these names, those that came more than once. */
  repeated(names: readonly string[]): readonly string[] {
    return names.filter((name) => (this.#byName.get(name)?.length ?? 0) > 1);
  }
}

/** Splits on raw `&` and `=`, then decodes names and values once. `undefined`: something is no percent-encoded UTF-8. */
export function readQuery(raw: string): QueryParameters | undefined {
  const parameters: Parameter[] = [];
  for (const pair of raw === '' ? [] : raw.split('&')) {
    if (pair === '') continue;
    const sign = pair.indexOf('=');
    const rawValue = sign < 0 ? '' : pair.slice(sign + 1);
    const name = decodeText(sign < 0 ? pair : pair.slice(0, sign));
    const value = decodeText(rawValue);
    if (name === undefined || value === undefined) return undefined;
    parameters.push({ name, value, raw: rawValue });
  }
  return new QueryParameters(parameters);
}

const decodeText = (raw: string): string | undefined => decodePart(raw.includes('+') ? raw.replaceAll('+', ' ') : raw);
