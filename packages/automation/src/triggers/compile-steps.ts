import { type Expression, Language } from '../cel/index.ts';
import { INPUT_NAMES } from './input.ts';
import type { AudienceSpec, Change, StepSpec, TriggerSpec } from './spec.ts';
import { blockStep } from './steps/block.ts';
import { type Functions, functionStep } from './steps/call-function.ts';
import { type CompiledChange, changeStep } from './steps/change.ts';
import { type HttpDeps, httpStep } from './steps/http.ts';
import { rateStep } from './steps/rate.ts';
import type { Step } from './steps/step.ts';

/** What is wrong with a trigger, at a place in its configuration. */
export interface TriggerProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface StepDeps extends HttpDeps {
  readonly language: Language;
  readonly functions: Functions;
}

export interface CompiledStep {
  readonly when: Expression | null;
  readonly step: Step;
}

/** All that is wrong with a trigger's expressions, with places in their texts. */
export function triggerProblems({ steps }: TriggerSpec): readonly TriggerProblem[] {
  const language = new Language(() => 0);
  return steps.flatMap((step, index) =>
    expressionsOf(step).flatMap(({ path, text }) => {
      const compilation = language.compile(text, INPUT_NAMES);
      if (compilation.ok) return [];
      const { message, line, column } = compilation.problem;
      const at = text.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
      return [{ path: ['steps', index, ...path], message: `${message} (${at})` }];
    }),
  );
}

interface Written {
  readonly path: readonly string[];
  readonly text: string;
}

function expressionsOf(step: StepSpec): readonly Written[] {
  const when = step.when === undefined ? [] : [{ path: ['when'], text: step.when }];
  if (step.does !== 'change') return when;
  const { set, replace, audience } = step;
  return [
    ...when,
    ...set.map(([field, text]) => ({ path: ['set', field], text })),
    ...(replace === undefined ? [] : [{ path: ['replace'], text: replace }]),
    ...(audience && audience.to !== 'authenticated'
      ? [{ path: ['audience', audience.to], text: audience.expression }]
      : []),
  ];
}

/** A step made ready to run. Throws on what `triggerProblems` would have told. */
export function compileStep(spec: StepSpec, deps: StepDeps): CompiledStep {
  const compile = (text: string): Expression => {
    const compilation = deps.language.compile(text, INPUT_NAMES);
    if (compilation.ok) return compilation.expression;
    throw new SyntaxError(`${compilation.problem.message} in an expression of a trigger`);
  };
  return { when: spec.when === undefined ? null : compile(spec.when), step: workOf(spec, compile, deps) };
}

function workOf(spec: StepSpec, compile: (text: string) => Expression, deps: StepDeps): Step {
  switch (spec.does) {
    case 'block':
      return blockStep(spec.reason);
    case 'change':
      return changeStep(compiledChange(spec, compile));
    case 'rate':
      return rateStep(spec);
    case 'http':
      return httpStep(spec, deps);
    case 'function':
      return functionStep(spec, deps.functions);
  }
}

function compiledChange(
  { set, remove, replace, audience }: Change,
  compile: (text: string) => Expression,
): CompiledChange {
  return {
    set: set.map(([field, text]) => ({ path: pathOf(field), expression: compile(text) })),
    remove: remove.map(pathOf),
    replace: replace === undefined ? null : compile(replace),
    audience: audience === undefined ? null : compiledAudience(audience, compile),
  };
}

function compiledAudience(audience: AudienceSpec, compile: (text: string) => Expression): CompiledChange['audience'] {
  return audience.to === 'authenticated' ? audience : { to: audience.to, expression: compile(audience.expression) };
}

const pathOf = (field: string): readonly string[] => field.split('.');
