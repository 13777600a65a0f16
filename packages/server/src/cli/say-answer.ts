import { isRecord } from '../config/section.ts';
import { failure } from './command.ts';

/** A decision with its steps: made here, or read from the management API. */
export interface Answer {
  readonly allowed: boolean;
  readonly code?: string;
  readonly by?: { readonly gate: string; readonly rule?: number; readonly grant?: string };
  readonly target?: { readonly to: string };
  readonly steps: readonly AnswerStep[];
  readonly fix?: string;
}

interface AnswerStep {
  readonly gate: string;
  readonly question: string;
  readonly answer: string;
  readonly detail: string;
}

export function answerLines({ allowed, code, by, target, steps, fix }: Answer): string[] {
  const rule = by?.rule === undefined ? '' : ` by rule ${by.rule}`;
  const grant = by?.grant === undefined ? '' : ` with grant ${by.grant}`;
  const head = allowed
    ? `allowed${rule}${grant}${target === undefined ? '' : `, to ${target.to}`}`
    : `denied: ${code ?? ''}${rule}${grant}`;
  const width = String(steps.length).length;
  return [
    head,
    '',
    ...steps.map(({ gate, question, answer, detail }, index) => {
      return `${String(index + 1).padStart(width)}. [${gate}] ${question} ${answer}${detail === '' ? '' : `: ${detail}`}`;
    }),
    ...(fix === undefined ? [] : ['', `fix: ${fix}`]),
  ];
}

/** Reads the API's answer; another server may stand at the address. */
export function toAnswer(json: unknown): Answer {
  if (!isRecord(json) || typeof json.allowed !== 'boolean' || !Array.isArray(json.steps)) {
    throw failure('the server gave no decision: is it Portcullis?');
  }
  const { allowed, code, by, target, fix } = json;
  const steps = json.steps.filter(isRecord).map(({ gate, question, answer, detail }) => ({
    gate: String(gate),
    question: String(question),
    answer: String(answer),
    detail: String(detail ?? ''),
  }));
  return {
    allowed,
    steps,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof fix === 'string' ? { fix } : {}),
    ...(isRecord(by) ? { by: readBy(by) } : {}),
    ...(isRecord(target) ? { target: { to: String(target.to) } } : {}),
  };
}

function readBy({ gate, rule, grant }: Record<string, unknown>): NonNullable<Answer['by']> {
  return {
    gate: String(gate),
    ...(typeof rule === 'number' ? { rule } : {}),
    ...(typeof grant === 'string' ? { grant } : {}),
  };
}
