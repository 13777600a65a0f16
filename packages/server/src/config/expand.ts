import type { Environment, Fault } from './source.ts';

const REFERENCE = /\$(\$?)\{([^}\n]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PRIVATE_USE = { first: 0xe000, last: 0xf8ff };

/**
 * `${NAME}` in a document. The references are masked before YAML is parsed, for `{` and `}` mean something there
 * (`{ adminToken: ${ADMIN_TOKEN} }`), and resolved inside strings afterwards, so that no variable can alter the document's
 * structure. A mask is as long as what it hides: lines and columns stay true. `$${` is a literal `${`.
 */
export class Expansion {
  readonly #open: string;
  readonly #close: string;
  readonly #escaped: string;
  readonly #masked: RegExp;
  readonly masked: string;

  constructor(text: string) {
    [this.#open, this.#close, this.#escaped] = unusedIn(text);
    this.#masked = new RegExp(
      `${this.#open}{2}([^${this.#close}]*)${this.#close}|${this.#escaped}{3}([^${this.#close}]*)${this.#close}`,
      'g',
    );
    this.masked = text.replace(REFERENCE, (_, doubled: string, name: string) =>
      doubled === ''
        ? `${this.#open.repeat(2)}${name}${this.#close}`
        : `${this.#escaped.repeat(3)}${name}${this.#close}`,
    );
  }

  /** The text as it was written. */
  unmask(text: string): string {
    return text.replace(this.#masked, (_, name?: string, literal?: string) =>
      name === undefined ? `$\${${literal}}` : `\${${name}}`,
    );
  }

  /** The text with every reference replaced; what cannot be replaced is told to `fault`. */
  resolve(text: string, env: Environment, fault: Fault): string {
    return text.replace(this.#masked, (_, name?: string, literal?: string) => {
      if (name === undefined) return `\${${literal}}`;
      if (!NAME.test(name)) fault(`\${${name}} is not the name of a variable`);
      const value = NAME.test(name) && Object.hasOwn(env, name) ? env[name] : undefined;
      if (NAME.test(name) && value === undefined) fault(`\${${name}} is not set`);
      if (value === '') fault(`\${${name}} is empty`);
      return value ?? '';
    });
  }
}

/** Three characters for private use that the text has not. */
function unusedIn(text: string): [string, string, string] {
  const free: string[] = [];
  for (let code = PRIVATE_USE.first; code <= PRIVATE_USE.last && free.length < 3; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character)) free.push(character);
  }
  const [open, close, escaped] = free;
  if (open === undefined || close === undefined || escaped === undefined) return ['\ue000', '\ue001', '\ue002'];
  return [open, close, escaped];
}
