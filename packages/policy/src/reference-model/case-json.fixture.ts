import type { PolicySource } from '../policy.ts';
import type { AccessRequest } from '../request.ts';
import type { ModelAnswer } from './model.fixture.ts';

/** One case as it is kept under `cases/`: what was asked of which policy, and the right answer. */
export interface PolicyCase {
  readonly note: string;
  readonly source: PolicySource;
  readonly request: AccessRequest;
  readonly expected: ModelAnswer;
}

export function toJson(kept: PolicyCase): string {
  return `${JSON.stringify(kept, (_key, value) => (value instanceof Map ? { $map: [...value] } : value), 2)}\n`;
}

export function fromJson(text: string): PolicyCase {
  return JSON.parse(text, (_key, value) =>
    typeof value === 'object' && value !== null && Array.isArray(value.$map) ? new Map(value.$map) : value,
  );
}
