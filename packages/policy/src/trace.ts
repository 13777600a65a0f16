import type { DecidedBy, Step } from './decision.ts';

type Gate = DecidedBy['gate'];

/**
 * Keeps the steps of one decision, for `explain()`. `decide()` runs without one: every call is written `trace?.…`, so
 * that no text is made for steps that nobody reads.
 */
export class Trace {
  readonly steps: Step[] = [];

  yes(gate: Gate, question: string, detail: string): void {
    this.steps.push({ gate, question, answer: 'yes', detail });
  }

  no(gate: Gate, question: string, detail: string): void {
    this.steps.push({ gate, question, answer: 'no', detail });
  }

  skipped(gate: Gate, question: string, detail: string): void {
    this.steps.push({ gate, question, answer: 'skipped', detail });
  }
}
