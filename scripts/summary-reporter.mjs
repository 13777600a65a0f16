// Counts what ran for the closing line of `npm test`, and keeps the reason of every skipped test.
import { writeFileSync } from 'node:fs';

export default class SummaryReporter {
  #passed = 0;
  #failed = 0;
  #skipped = [];

  onTestCaseResult(test) {
    const result = test.result();
    if (result.state === 'passed') this.#passed += 1;
    else if (result.state === 'failed') this.#failed += 1;
    else this.#skipped.push({ name: test.fullName, reason: result.note ?? 'long: npm run test:long' });
  }

  onTestRunEnd(modules, unhandledErrors) {
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const failed = this.#failed + broken + unhandledErrors.length;
    const file = process.env.TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify({ passed: this.#passed, failed, skipped: this.#skipped }));
  }
}
