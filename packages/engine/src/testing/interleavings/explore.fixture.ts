import { type Act, type Schedule, scheduleOf } from './acts.fixture.ts';
import { callsOf, Run } from './run.fixture.ts';
import { told } from './stories.fixture.ts';
import { judge } from './verdict.fixture.ts';

/** What happened in all schedules together. */
export interface Explored {
  /** What clients were sent. */
  readonly written: number;
  /** What triggers were asked and answered late. */
  readonly asked: number;
  /** Messages that were asked about more than one of the times that they were said. */
  readonly askedAgain: number;
}

/** Plays the schedules of so many seeds. A breach is made small before it is thrown. */
export async function explore(first: number, count: number): Promise<Explored> {
  let written = 0;
  let asked = 0;
  let askedAgain = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const schedule = told(scheduleOf(seed));
    const played = await play(schedule);
    if (played instanceof Error) throw await smallest(schedule, played);
    for (const app of played.apps.values()) {
      const { connections, calls, said } = app;
      for (const { line } of connections) written += line.written.length;
      asked += calls().filter(({ asked, answered }) => answered > asked + 1).length;
      for (const times of said.values()) {
        if (times.filter((one) => callsOf(app, one).length > 0).length > 1) askedAgain += 1;
      }
    }
  }
  return { written, asked, askedAgain };
}

async function play(schedule: Schedule): Promise<Run | Error> {
  try {
    const run = await Run.begin(schedule);
    for (const act of schedule.acts) await run.play(act);
    await run.finish();
    judge(run);
    return run;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Leaves out whatever the breach does not need. */
async function smallest(schedule: Schedule, breach: Error): Promise<Error> {
  let acts: readonly Act[] = schedule.acts;
  let last = breach;
  for (let size = Math.ceil(acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < acts.length; ) {
      const less = [...acts.slice(0, at), ...acts.slice(at + size)];
      const played = await play({ ...schedule, acts: less });
      if (played instanceof Error) {
        acts = less;
        last = played;
      } else at += size;
    }
  }
  const { acts: _, ...rest } = schedule;
  const world = JSON.stringify(rest);
  return new Error(`${last.message}\n${world}\n${acts.map((act) => JSON.stringify(act)).join('\n')}`, { cause: last });
}
