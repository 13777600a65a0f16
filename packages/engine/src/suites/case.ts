/** One sentence about a port's behaviour. `run` throws when the adapter does not keep it; no test framework is needed. */
export interface Case<Subject> {
  readonly name: string;
  run(subject: Subject): Promise<void>;
}
