/** @import { Driver, FromThread, ThreadOptions, ToThread, Unit } from './protocol.ts' */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { primaryCode, runGroup } from './run-group.js';

/** The thread that owns the database. It opens the file, then answers batches until it is told to close. */

/** A transaction takes in what has arrived meanwhile, up to so many units: the first of them does not wait for ever. */
const GROUP_UNITS = 10_000;

const port = parentPort;
if (!port) throw new Error('This file runs in a worker thread.');
/** @type {ThreadOptions} */
const options = workerData;

/** @type {Driver | undefined} */
let driver;
/** @type {string[]} */
const texts = [];

/** @param {FromThread} message */
function tell(message) {
  port?.postMessage(message);
}

/**
 * @param {'native' | 'open'} stage
 * @param {unknown} error
 */
function giveUp(stage, error) {
  tell({
    type: 'failed',
    stage,
    code: primaryCode(error),
    message: error instanceof Error ? error.message : String(error),
  });
  driver?.close();
  port?.close();
}

/** @param {Driver} opened */
function configure(opened) {
  // First of all the lock, for as long as the file is open; the system takes it back when the process dies.
  opened.exec('PRAGMA locking_mode = EXCLUSIVE');
  const [[pages] = [0n]] = opened.all('PRAGMA page_count', []);
  if (pages === 0n) opened.exec(`PRAGMA application_id = ${options.applicationId}`);
  opened.exec('PRAGMA journal_mode = WAL');
  // A commit is on the disk when it returns, also if the power fails.
  opened.exec('PRAGMA synchronous = FULL');
  opened.exec('PRAGMA foreign_keys = ON');
  opened.exec('PRAGMA cache_size = -16384');
  opened.exec('PRAGMA wal_autocheckpoint = 4000');
  opened.exec('PRAGMA journal_size_limit = 67108864');
  if (options.maxPages !== null) opened.exec(`PRAGMA max_page_count = ${options.maxPages}`);
}

/** @param {ToThread} first */
function serve(first) {
  if (!driver) return;
  /** @type {Unit[]} */
  const units = [];
  /** @type {ToThread | undefined} */
  let message = first;
  while (message?.type === 'batch') {
    texts.push(...message.texts);
    units.push(...message.units);
    message =
      units.length < GROUP_UNITS
        ? receiveMessageOnPort(/** @type {import('node:worker_threads').MessagePort} */ (port))?.message
        : undefined;
  }
  if (units.length > 0) tell({ type: 'answers', answers: runGroup(driver, texts, units) });
  if (message?.type === 'close') close(driver);
}

/** @param {Driver} opened */
function close(opened) {
  opened.close();
  port?.close();
}

/** @type {typeof import('./libsql-driver.js') | undefined} */
let library;
try {
  library = await import('./libsql-driver.js');
} catch (error) {
  giveUp('native', error);
}
if (library) {
  try {
    driver = library.openDriver(options.file);
    configure(driver);
    port.on('message', serve);
    tell({ type: 'open' });
  } catch (error) {
    giveUp('open', error);
  }
}
