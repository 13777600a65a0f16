/** What the server says where it does not do what was asked (RFC 9457). */
export interface PortcullisProblem {
  readonly status: number;
  /** Stable: `docs/codes.md` has one row for each. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** The nearest change that would make it pass. */
  readonly fix?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** The server refused, and nothing was done. */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError';
  readonly status: number;
  readonly code: string;
  readonly problem: PortcullisProblem;

  constructor(problem: PortcullisProblem) {
    const fields = (problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
    super([problem.detail ?? problem.title, ...fields].join('; '));
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Reads an answer that is no success; one that is no problem of ours (a proxy's page, say) is named by its status. */
export async function problemOf(response: Response): Promise<PortcullisProblem> {
  const { status } = response;
  const unknown = { status, code: 'unknown', title: `answered ${status}` };
  if (!response.headers.get('content-type')?.includes('json')) return unknown;
  try {
    return { ...unknown, ...((await response.json()) as object), status };
  } catch {
    return unknown;
  }
}
