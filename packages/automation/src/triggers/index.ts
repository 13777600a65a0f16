export { type TriggerProblem, triggerProblems } from './compile-steps.ts';
export type { FunctionSettings } from './functions/app-functions.ts';
export { FUNCTION_NAME } from './functions/bundle.ts';
export { functionProblems } from './functions/function-problems.ts';
export type { PoolSettings } from './functions/pool.ts';
export { RUNS_KEPT, type RunObserver, type RunRecord, type Runs, type StepRecord } from './runs.ts';
export { type AppTriggerOptions, type RuntimeDeps, TriggerRuntime } from './runtime.ts';
export type * from './spec.ts';
export { HTTP_LIMITS } from './steps/http.ts';
