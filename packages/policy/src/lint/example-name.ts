import type { Target } from '../target.ts';

/** What a target matches, step by step: a literal character, or one or any number of characters of a kind. */
type Token =
  | { readonly one: string }
  | { readonly one: 'segment' | 'rest'; readonly any: true }
  | { readonly many: 'segment' | 'rest' };

/** States looked at before the search gives up. */
const MAX_STATES = 4000;
const PLAIN_CHARACTERS = 'xyz0123456789abcdefghijklmnopqrstuvw';

/**
 * A shortest name that every one of `inAll` matches and none of `inNone`; `undefined` when there is none, or none was
 * found in reasonable time. It walks the targets side by side, one character after another.
 */
export function exampleName(inAll: readonly Target[], inNone: readonly Target[] = []): string | undefined {
  const wanted = inAll.map(machinesOf);
  const unwanted = inNone.flatMap(machinesOf);
  const characters = alphabet([...wanted.flat(), ...unwanted]);
  const start = { name: '', wanted: wanted.map(initial), unwanted: initial(unwanted) };
  const seen = new Set<string>();
  const queue = [start];
  for (const state of queue) {
    if (state.wanted.every(accepts) && !accepts(state.unwanted)) return state.name;
    if (seen.size > MAX_STATES) return undefined;
    for (const character of characters) {
      const next = {
        name: state.name + character,
        wanted: state.wanted.map((positions) => step(positions, character)),
        unwanted: step(state.unwanted, character),
      };
      if (next.wanted.some((positions) => positions.length === 0)) continue;
      const key = JSON.stringify([next.wanted.map(keyOf), keyOf(next.unwanted)]);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return undefined;
}

interface Machine {
  readonly id: number;
  readonly tokens: readonly Token[];
}
interface Position {
  readonly machine: Machine;
  readonly at: number;
}

let machines = 0;

/** A target as one machine; a nested one without a star as two: the name itself, and what lies below it. */
function machinesOf({ target, nested }: Target): readonly Machine[] {
  if (nested && !target.includes('*')) {
    return [machine(literally(target)), machine([...literally(`${target}/`), ...star('rest')])];
  }
  const characters = [...target];
  const tokens = characters.flatMap((character, i) => {
    if (!nested || character !== '*') return literally(character);
    return star(i === characters.length - 1 ? 'rest' : 'segment');
  });
  return [machine(tokens)];
}

const machine = (tokens: readonly Token[]): Machine => ({ id: ++machines, tokens });
const literally = (text: string): readonly Token[] => [...text].map((one) => ({ one }));
const star = (kind: 'segment' | 'rest'): readonly Token[] => [{ one: kind, any: true }, { many: kind }];

function initial(group: readonly Machine[]): readonly Position[] {
  return group.flatMap((one) => closure({ machine: one, at: 0 }));
}

/** What may come any number of times may also not come. */
function closure(position: Position): readonly Position[] {
  const token = position.machine.tokens[position.at];
  if (token === undefined || !('many' in token)) return [position];
  return [position, ...closure({ ...position, at: position.at + 1 })];
}

function step(positions: readonly Position[], character: string): readonly Position[] {
  const reached = new Map<string, Position>();
  for (const position of positions) {
    const token = position.machine.tokens[position.at];
    if (token === undefined || !takes(token, character)) continue;
    const after = 'many' in token ? position : { ...position, at: position.at + 1 };
    for (const next of closure(after)) reached.set(`${next.machine.id}:${next.at}`, next);
  }
  return [...reached.values()];
}

function takes(token: Token, character: string): boolean {
  if ('many' in token) return token.many === 'rest' || character !== '/';
  if ('any' in token) return token.one === 'rest' || character !== '/';
  return token.one === character;
}

const accepts = (positions: readonly Position[]): boolean =>
  positions.some(({ machine: { tokens }, at }) => at === tokens.length);

const keyOf = (positions: readonly Position[]): string =>
  positions
    .map(({ machine: { id }, at }) => `${id}:${at}`)
    .sort()
    .join();

/** The characters that targets name, the slash, and one that none names. */
function alphabet(all: readonly Machine[]): readonly string[] {
  const named = new Set(['/']);
  for (const { tokens } of all) {
    for (const token of tokens) {
      if ('one' in token && !('any' in token)) named.add(token.one);
    }
  }
  const other = [...PLAIN_CHARACTERS].find((character) => !named.has(character)) ?? '\u00f8';
  return [other, ...named];
}
