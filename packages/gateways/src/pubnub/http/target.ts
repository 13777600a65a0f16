/** A request's target as it came, in its raw parts. */
export interface Target {
  /** Still percent-encoded, without the query. */
  readonly path: string;
  /** Between the slashes of the path, still percent-encoded. */
  readonly segments: readonly string[];
  readonly query: string;
}

/** Splits before anything is decoded: `%2F` and `%3F` are characters of names, not of the address. */
export function parseTarget(url: string): Target {
  const origin = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const mark = origin.indexOf('?');
  const path = mark < 0 ? origin : origin.slice(0, mark);
  return { path, segments: path.slice(1).split('/'), query: mark < 0 ? '' : origin.slice(mark + 1) };
}

/** Decoded once; `undefined` when that is no percent-encoded UTF-8. */
export function decodePart(raw: string): string | undefined {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}
