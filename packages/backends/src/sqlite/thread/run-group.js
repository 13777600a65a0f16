/** @import { Answer, Driver, Failure, Unit } from './protocol.ts' */

/** SQLite's primary result codes after which the transaction can go on: the statement alone was at fault. */
const OF_THE_STATEMENT = new Set([
  1 /* ERROR */, 18 /* TOOBIG */, 19 /* CONSTRAINT */, 20 /* MISMATCH */, 25 /* RANGE */,
]);
const FULL = 13;
const CONSTRAINT = 19;

/**
 * Runs units in order as one transaction: they are answered after its commit, and reads see the writes before them.
 * If the commit fails, so does every write, and the reads are asked again of what is there.
 *
 * @param {Driver} driver
 * @param {readonly string[]} texts
 * @param {readonly Unit[]} units
 * @returns {Answer[]}
 */
export function runGroup(driver, texts, units) {
  if (!units.some((unit) => unit.writes)) return units.map((unit) => runRead(driver, texts, unit));
  try {
    driver.exec('BEGIN IMMEDIATE');
    const [only] = units;
    // One that is by itself fails with the transaction.
    const answers =
      only && units.length === 1
        ? [runStatements(driver, texts, only)]
        : units.map((unit) => runUnit(driver, texts, unit));
    driver.exec('COMMIT');
    return answers;
  } catch (error) {
    rollBack(driver);
    const failure = toFailure(error);
    return units.map((unit) => (unit.writes ? failure : runRead(driver, texts, unit)));
  }
}

/**
 * @param {Driver} driver
 * @param {readonly string[]} texts
 * @param {Unit} unit
 * @returns {Answer}
 */
function runRead(driver, texts, unit) {
  try {
    return readRows(driver, texts, unit);
  } catch (error) {
    return toFailure(error);
  }
}

/**
 * Throws what ends the whole transaction.
 *
 * @param {Driver} driver
 * @param {readonly string[]} texts
 * @param {Unit} unit
 * @returns {Answer}
 */
function runUnit(driver, texts, unit) {
  const alone = unit.statements.length === 1;
  try {
    if (!unit.writes) return readRows(driver, texts, unit);
    if (alone && !unit.guarded) return runStatements(driver, texts, unit);
    driver.run('SAVEPOINT unit', []);
    const changed = runStatements(driver, texts, unit);
    driver.run('RELEASE unit', []);
    return changed;
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== 'guard' && !OF_THE_STATEMENT.has(primaryCode(error))) throw error;
    if (unit.writes && !(alone && !unit.guarded)) {
      driver.run('ROLLBACK TO unit', []);
      driver.run('RELEASE unit', []);
    }
    return failure;
  }
}

/**
 * @param {Driver} driver
 * @param {readonly string[]} texts
 * @param {Unit} unit
 */
function readRows(driver, texts, unit) {
  const [[text, ...values] = noStatement()] = unit.statements;
  return driver.all(textOf(texts, text), values);
}

/**
 * @param {Driver} driver
 * @param {readonly string[]} texts
 * @param {Unit} unit
 */
function runStatements(driver, texts, unit) {
  let changed = 0;
  for (const [text, ...values] of unit.statements) {
    changed += driver.run(textOf(texts, text), values);
    if (unit.guarded && changed === 0) throw new GuardError('The row that had to change did not.');
  }
  return changed;
}

/**
 * @param {readonly string[]} texts
 * @param {number} index
 */
function textOf(texts, index) {
  const text = texts[index];
  if (text === undefined) throw new Error(`There is no statement ${index}.`);
  return text;
}

/** @returns {never} */
function noStatement() {
  throw new Error('A read without a statement.');
}

/** @param {Driver} driver */
function rollBack(driver) {
  try {
    driver.exec('ROLLBACK');
  } catch {
    // SQLite had already rolled back, as it does when the disk is full.
  }
}

class GuardError extends Error {}

/**
 * @param {unknown} error
 * @returns {Failure}
 */
function toFailure(error) {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof GuardError) return { kind: 'guard', message };
  const code = primaryCode(error);
  return { kind: code === FULL ? 'full' : code === CONSTRAINT ? 'conflict' : 'fault', message };
}

/**
 * SQLite's primary result code, the low byte of the extended one; 0 for errors that are not SQLite's.
 *
 * @param {unknown} error
 */
export function primaryCode(error) {
  const raw = error instanceof Error && 'rawCode' in error ? Number(error.rawCode) : 0;
  return raw & 0xff;
}
