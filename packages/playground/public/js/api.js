/** The calls of the playground's contract (README.md). A refusal is thrown as a `Problem`, with the server's code. */

export class Problem extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   */
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {unknown} [body] posted as JSON; without it, a GET
 */
async function call(path, body) {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/playground/${path}`, init).catch(() => {
    throw new Problem('unreachable', 'The server does not answer.');
  });
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new Problem(
    answer?.code ?? `http ${response.status}`,
    answer?.detail ?? answer?.title ?? 'The server could not do that.',
  );
}

/** @returns {Promise<import('./types.js').Config>} */
export const fetchConfig = () => call('config.json');

/** @returns {Promise<import('./types.js').CodeRow[]>} */
export const fetchCodes = () => call('codes.json');

/**
 * @param {string} user
 * @returns {Promise<{ token: string, expiresAt: number }>}
 */
export const fetchToken = (user) => call('token', { user });

/**
 * @param {string} template
 * @param {Record<string, boolean>} changes
 * @returns {Promise<{ rule: import('./types.js').Rule }>}
 */
export const changeRule = (template, changes) => call('rule', { template, changes });

/**
 * @param {string} template
 * @returns {Promise<{ rule: import('./types.js').Rule }>}
 */
export const resetRule = (template) => call('rule', { template, reset: true });

/**
 * @param {string} channel
 * @param {unknown} data
 * @returns {Promise<unknown>}
 */
export const sendEvent = (channel, data) => call('event', { channel, data });
