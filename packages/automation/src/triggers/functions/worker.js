/** @import { FromWorker, ToWorker, WorkerAnswer, WorkerCall, WorkerData } from './worker-protocol.ts' */
import { parentPort, workerData } from 'node:worker_threads';

/** The thread that trigger functions run in. Whatever they do costs this thread, which the pool replaces. */

/** Characters of an error that operators see. */
const ERROR = 300;

const port = parentPort;
if (!port) throw new Error('This file runs in a worker thread.');
/** @type {WorkerData} */
const { shared, functions: sources, longest, publishes } = workerData;
/** Holds the id of the call whose code runs at the moment. */
const running = new Int32Array(shared);

/** @typedef {(input: unknown, context: unknown) => unknown} Trigger */
/** @type {Map<string, Trigger>} */
const functions = new Map();
/** @type {Map<string, string>} */
const problems = new Map();

/** @param {FromWorker} message */
const tell = (message) => port.postMessage(message);

/** @type {WorkerAnswer[]} */
let answers = [];
let flushing = false;

function flush() {
  flushing = false;
  if (answers.length === 0) return;
  const told = answers;
  answers = [];
  tell({ type: 'answers', answers: told });
}

/** @param {WorkerAnswer} answer */
function answerLater(answer) {
  answers.push(answer);
  if (flushing) return;
  flushing = true;
  setImmediate(flush);
}

/**
 * Whatever was thrown, in words.
 * @param {unknown} thrown
 * @returns {string}
 */
function describe(thrown) {
  try {
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`.slice(0, ERROR);
    const text = typeof thrown === 'string' ? thrown : JSON.stringify(thrown);
    return `${typeof thrown}: ${text ?? ''}`.slice(0, ERROR);
  } catch {
    return typeof thrown;
  }
}

/**
 * @param {number} id
 * @param {unknown} value
 * @param {unknown[]} published
 * @returns {WorkerAnswer}
 */
function returned(id, value, published) {
  try {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      return [id, 'failed', `it returned a ${typeof value}`];
    }
    const answer = value === undefined ? null : textOf(value);
    const publish = published.length === 0 ? null : textOf(published);
    if ((answer?.length ?? 0) + (publish?.length ?? 0) > longest) {
      return [id, 'failed', `it returned more than ${longest} characters`];
    }
    return [id, 'returned', answer, publish];
  } catch (error) {
    return [id, 'failed', `what it returned is no JSON: ${describe(error)}`];
  }
}

/** Looking at each value while it is written is what costs: most answers need no second look. @param {unknown} value */
const textOf = (value) => JSON.stringify(value, isPlain(value, 0) ? undefined : refuseFunctions);

const DEEPEST = 16;

/**
 * Whether it is made of nothing but JSON values in objects and lists as they are written in source text.
 * @param {unknown} value
 * @param {number} depth
 * @returns {boolean}
 */
function isPlain(value, depth) {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  if (value === null) return true;
  const kind = Object.getPrototypeOf(value);
  if (depth === DEEPEST || (kind !== Object.prototype && kind !== Array.prototype) || 'toJSON' in value) return false;
  for (const key in value) if (!isPlain(/** @type {Record<string, unknown>} */ (value)[key], depth + 1)) return false;
  return true;
}

/**
 * @param {string} _
 * @param {unknown} value
 */
function refuseFunctions(_, value) {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`it holds a ${typeof value}`);
  return value;
}

/**
 * @param {unknown} value
 * @returns {value is PromiseLike<unknown>}
 */
function isThenable(value) {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/**
 * @param {WorkerCall} call
 * @returns {WorkerAnswer | undefined} nothing where it has to be waited for
 */
function perform([id, name, text, timeout]) {
  const run = functions.get(name);
  if (!run) return [id, 'failed', problems.get(name) ?? 'it is not there'];
  /** @type {unknown[]} */
  const published = [];
  const context = {
    /**
     * @param {unknown} channel
     * @param {unknown} payload
     */
    publish: (channel, payload) => {
      if (published.length === publishes) throw new RangeError(`one call publishes at most ${publishes} messages`);
      if (typeof channel !== 'string' || payload === undefined) throw new TypeError('publish(channel, payload)');
      published.push({ channel, payload });
    },
  };
  Atomics.store(running, 0, id);
  try {
    const value = run(JSON.parse(text), context);
    if (!isThenable(value)) return returned(id, value, published);
    waitFor(id, value, published, timeout);
    return undefined;
  } catch (error) {
    return [id, 'threw', describe(error)];
  } finally {
    Atomics.store(running, 0, 0);
  }
}

/**
 * @param {number} id
 * @param {PromiseLike<unknown>} value
 * @param {unknown[]} published
 * @param {number} timeout
 */
function waitFor(id, value, published, timeout) {
  let settled = false;
  /** @param {WorkerAnswer} answer */
  const settle = (answer) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    answerLater(answer);
  };
  const timer = setTimeout(() => settle([id, 'failed', `it took longer than ${timeout} ms`]), timeout);
  Promise.resolve(value).then(
    (result) => settle(returned(id, result, published)),
    (error) => settle([id, 'threw', describe(error)]),
  );
}

// What nobody waits for belongs to no call: a call that depends on it is late.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
// These would end the server, not this thread.
for (const name of ['abort', 'kill', 'dlopen']) {
  Object.defineProperty(process, name, {
    value: () => {
      throw new Error(`process.${name} is not for triggers`);
    },
  });
}

for (const { name, text } of sources) {
  try {
    const module = await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
    if (typeof module.default === 'function') functions.set(name, module.default);
    else problems.set(name, 'its file exports no function as default');
  } catch (error) {
    problems.set(name, `it could not be loaded: ${describe(error)}`);
  }
}

port.on('message', (/** @type {ToWorker} */ message) => {
  if (message.type === 'ping') {
    tell({ type: 'pong' });
    return;
  }
  for (const call of message.calls) {
    const answer = perform(call);
    if (answer) answers.push(answer);
  }
  flush();
});
tell({ type: 'ready', problems: [...problems] });
