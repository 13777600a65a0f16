import { NAME_MAX_BYTES, utf8Length } from './name.ts';

export interface Target {
  readonly target: string;
  readonly nested: boolean;
}

export type TargetCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Whether a rule may have this target. */
export function validateTarget(target: string, nested: boolean): TargetCheck {
  if (target === '') return { ok: false, reason: 'a target has at least one character' };
  if (utf8Length(target) > NAME_MAX_BYTES) return { ok: false, reason: `a target has at most ${NAME_MAX_BYTES} bytes` };
  if (/\p{Cs}/u.test(target)) return { ok: false, reason: 'a target is well-formed Unicode' };
  if (/[\p{Cc}\p{Cf}]/u.test(target)) return { ok: false, reason: 'a target has no control or format characters' };
  if (target.normalize('NFC') !== target) {
    return { ok: false, reason: 'a target is in Unicode normalisation form C, as names are' };
  }
  if (target.includes(',')) return { ok: false, reason: 'a target has no comma, as names have none' };
  if (!nested && target.includes('*')) {
    return { ok: false, reason: 'a * needs nested channels: set `nested: true`, or remove it' };
  }
  if (target.endsWith('-pnpres')) return { ok: false, reason: 'names ending in -pnpres are reserved' };
  return { ok: true };
}

/** A target made ready for matching. `literals` are the pieces between the stars. */
export interface CompiledTarget extends Target {
  readonly literals: readonly string[];
  /** The literal prefix: all before the first star. */
  readonly prefix: string;
  /** Literal characters, counted as code points. */
  readonly literalCount: number;
}

export function compileTarget({ target, nested }: Target): CompiledTarget {
  const literals = nested ? target.split('*') : [target];
  let literalCount = 0;
  for (const literal of literals) literalCount += codePoints(literal);
  return { target, nested, literals, prefix: literals[0] ?? '', literalCount };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

export function matchesTarget(target: Target, name: string): boolean {
  return matchesCompiled(compileTarget(target), name);
}

/**
 * Linear: each literal is looked for once, from left to right. Taking the first place that fits is enough, as a star
 * but the last cannot reach beyond the next `/`, so that a later place never offers more.
 */
export function matchesCompiled({ target, nested, literals, prefix }: CompiledTarget, name: string): boolean {
  if (!nested) return name === target;
  if (literals.length === 1) {
    return (
      name === target || (name.length > target.length + 1 && name.startsWith(target) && name[target.length] === '/')
    );
  }
  if (!name.startsWith(prefix)) return false;
  let at = prefix.length;
  for (let i = 1; i < literals.length - 1; i++) {
    const literal = literals[i] ?? '';
    const found = name.indexOf(literal, at + 1);
    if (found < 0 || hasSlash(name, at, found)) return false;
    at = found + literal.length;
  }
  const last = literals[literals.length - 1] ?? '';
  if (last === '') return name.length > at;
  const end = name.length - last.length;
  return end > at && name.endsWith(last) && !hasSlash(name, at, end);
}

/** What the stars of a target stand for in a name it matches, in order. */
export function capturesOf(target: Target): (name: string) => readonly string[] {
  const { literals } = compileTarget(target);
  if (!target.nested || literals.length === 1) return () => [];
  return (name) => captured(literals, name);
}

function captured(literals: readonly string[], name: string): readonly string[] {
  const found: string[] = [];
  let at = literals[0]?.length ?? 0;
  for (let i = 1; i < literals.length; i++) {
    const literal = literals[i] ?? '';
    const isLast = i === literals.length - 1;
    const end = isLast ? name.length - literal.length : name.indexOf(literal, at + 1);
    found.push(name.slice(at, end));
    at = end + literal.length;
  }
  return found;
}

function hasSlash(name: string, from: number, to: number): boolean {
  const slash = name.indexOf('/', from);
  return slash >= 0 && slash < to;
}

/** Which of two matching targets applies: negative when `a` does. An exact target, then the longer literal prefix, then more literal characters. */
export function compareSpecificity(a: CompiledTarget, b: CompiledTarget): number {
  if (a.nested !== b.nested) return a.nested ? 1 : -1;
  return b.prefix.length - a.prefix.length || b.literalCount - a.literalCount;
}
