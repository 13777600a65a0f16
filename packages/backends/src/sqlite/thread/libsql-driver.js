/** @import { Driver, Row } from './protocol.ts' */
import Database from 'libsql';

/**
 * The only file that knows the SQLite library. JavaScript, like all that runs in the thread: Node loads it as it is,
 * from the sources as from the build.
 *
 * @param {string} file
 * @returns {Driver}
 */
export function openDriver(file) {
  const database = new Database(file);
  database.defaultSafeIntegers(true);
  /** @type {Map<string, ReturnType<typeof database.prepare>>} */
  const prepared = new Map();

  /** @param {string} sql */
  function statement(sql) {
    let found = prepared.get(sql);
    if (!found) {
      found = database.prepare(sql);
      prepared.set(sql, found);
    }
    return found;
  }

  return {
    exec(sql) {
      database.exec(sql);
    },
    run(sql, values) {
      return statement(sql).run(values).changes;
    },
    all(sql, values) {
      return /** @type {Row[]} */ (statement(sql).raw().all(values));
    },
    close() {
      prepared.clear();
      database.close();
    },
  };
}
