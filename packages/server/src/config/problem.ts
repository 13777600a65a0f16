/** One thing that is wrong, or worth a warning, in what an operator wrote. Never holds a secret's text. */
export interface Problem {
  /** Dotted, list items by their id: `apps.demo.channels.1.history`. `''` for the whole document. */
  readonly path: string;
  readonly message: string;
  /** What was read: a file's name, an environment variable, a flag. Absent for a request's body. */
  readonly source?: string;
  /** 1-based line in the file `source`. */
  readonly line?: number;
}

/** `portcullis.yaml:12 apps.demo.channels.1.hitory: unknown key, did you mean "history"?` */
export function formatProblem({ path, message, source, line }: Problem): string {
  const where = source === undefined ? '' : line === undefined ? source : `${source}:${line}`;
  const head = [where, path].filter((part) => part !== '').join(' ');
  return head === '' ? message : `${head}: ${message}`;
}
