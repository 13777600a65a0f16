import { pieces } from './pattern.ts';

export interface GlobWarning {
  /** Where in the pattern, in UTF-16 units. */
  readonly position: number;
  readonly message: string;
}

/**
 * Whether a pattern is probably a glob by mistake: `chat-*` repeats the hyphen, where `chat-.*` was meant. A star or
 * question mark after a literal is one if the literal is punctuation, or if it ends the pattern.
 */
export function likelyGlob(pattern: string): GlobWarning | undefined {
  const found = [...pieces(pattern)];
  let at = 0;
  for (const [i, { text, kind }] of found.entries()) {
    const before = found[i - 1];
    const isLast = i === found.length - 1 || (i === found.length - 2 && found[i + 1]?.text === '$');
    if (kind === 'plain' && (text === '*' || text === '?') && before !== undefined && isLiteral(before)) {
      const literal = before.text;
      if (!isWordCharacter(literal) || (isLast && text === '*')) {
        const meant = `${pattern.slice(0, at)}${text === '*' ? '.*' : '.'}${pattern.slice(at + 1)}`;
        const effect = text === '*' ? `any number of \`${literal}\`` : `an optional \`${literal}\``;
        return { position: at, message: `This reads as ${effect}. For anything at all, write \`${meant}\`.` };
      }
    }
    at += text.length;
  }
  return undefined;
}

function isLiteral({ text, kind }: { text: string; kind: string }): boolean {
  if (kind === 'escape') return /^\\[^A-Za-z0-9*]$/.test(text);
  return kind === 'plain' && !'.*+?()[]{}|^$'.includes(text);
}

/**
 * Why a name with a star in it is probably meant for a pattern: as a name it stands for itself alone. `room.*` is the
 * name of a wildcard, which is subscribed to under it.
 */
export function likelyPattern(name: string): GlobWarning | undefined {
  const position = name.indexOf('*');
  if (position < 0 || /^[^*]+\.\*(?:-pnpres)?$/.test(name)) return undefined;
  const meant = name.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return {
    position,
    message: `A name stands for itself alone, with its \`*\`. For all such names, grant the pattern \`${meant}\`.`,
  };
}

const isWordCharacter = (text: string): boolean => /[\p{L}\p{N}]$/u.test(text);
