import type { Path } from '../source.ts';

/** What a check found: an error stops the start, a warning does not. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly level: 'error' | 'warning';
}

/** What of the server its apps depend on. */
export interface Surroundings {
  readonly host: string;
  readonly outbound: { readonly private: 'deny' | 'allow' };
  readonly maxHeader: number;
}

export function error(path: Path, message: string): Finding {
  return { path, message, level: 'error' };
}

export function warning(path: Path, message: string): Finding {
  return { path, message, level: 'warning' };
}
