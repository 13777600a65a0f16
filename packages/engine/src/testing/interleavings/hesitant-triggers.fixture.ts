import type { StoredTrigger } from '../../ports/store-triggers.ts';
import type {
  MessageCall,
  Narrowing,
  TriggerCall,
  TriggerSource,
  TriggerStack,
  Triggers,
  Verdict,
} from '../../ports/triggers.ts';
import type { Timetoken } from '../../publication.ts';
import type { AppId, Saying } from './acts.fixture.ts';

/** One question to a stack, and what came of it. */
export interface Call {
  readonly call: TriggerCall;
  /** Which of the app's stacks was asked. */
  readonly stack: number;
  /** Its place among all questions, answers and commands. */
  readonly asked: number;
  /** `null`: not answered yet. */
  verdict: Verdict | null;
  answered: number;
  answeredAt: Timetoken;
}

/** One about a message. */
export type MessageAsked = Call & { readonly call: MessageCall };

export interface TriggersDeps {
  /** The next place. */
  readonly place: () => number;
  readonly tick: (app: AppId) => Timetoken;
}

const SAYINGS: Readonly<Record<Exclude<Saying, 'replace' | 'break'>, Verdict>> = {
  pass: { pass: true },
  block: { pass: false, code: 'trigger.blocked', reason: 'no' },
  authenticated: narrowing({ to: 'authenticated' }),
  table: narrowing({ to: 'table', table: 1 }),
  user: narrowing({ to: 'user', user: 'u3' }),
};

/** This stack waits for nothing. */
const AT_ONCE = 3;

/** The triggers of one app, whose answers come when the test says so. A change makes another stack, or none: number 0. */
export class HesitantTriggers implements TriggerSource {
  /** Off: it says yes at once. */
  hesitates = false;
  readonly calls: Call[] = [];
  readonly #deps: TriggersDeps;
  readonly #stacks = new Map<number, TriggerStack>();
  readonly #waiting: ((says: Saying) => void)[] = [];

  constructor(deps: TriggersDeps) {
    this.#deps = deps;
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Answers the oldest so many. */
  answer(count: number, says: Saying): void {
    for (const go of this.#waiting.splice(0, count)) go(says);
  }

  compile(stored: readonly StoredTrigger[]): Triggers | null {
    const number = Number(stored[0]?.spec.stack ?? 0);
    if (number === 0) return null;
    const stack = this.#stacks.get(number) ?? { run: (call) => this.#run(call, number) };
    this.#stacks.set(number, stack);
    return { stacksFor: () => ({ join: stack, message: stack }) };
  }

  #run(call: TriggerCall, stack: number): Verdict | Promise<Verdict> {
    const asked: Call = { call, stack, asked: this.#deps.place(), verdict: null, answered: 0, answeredAt: 0n };
    this.calls.push(asked);
    if (!this.hesitates) return this.#note(asked, SAYINGS.pass);
    if (stack === AT_ONCE) return this.#note(asked, verdictOf(asked, 'replace'));
    return new Promise((resolve, reject) => {
      this.#waiting.push((says) => {
        if (says === 'break') reject(new Error('broken'));
        else resolve(this.#note(asked, verdictOf(asked, says)));
      });
    });
  }

  #note(call: Call, verdict: Verdict): Verdict {
    call.verdict = verdict;
    call.answered = this.#deps.place();
    call.answeredAt = this.#deps.tick(call.call.app as AppId);
    return verdict;
  }
}

/** What makes no sense of a question is a yes: only what goes to everyone is narrowed, and joins say nothing. */
function verdictOf({ call, asked }: Call, says: Exclude<Saying, 'break'>): Verdict {
  if (says === 'pass' || says === 'block') return SAYINGS[says];
  if (call.action === 'join') return SAYINGS.pass;
  if (says === 'replace') return { pass: true, data: JSON.stringify({ ...JSON.parse(call.data), by: asked }) };
  return call.target.to === 'everyone' ? SAYINGS[says] : SAYINGS.pass;
}

function narrowing(narrow: Narrowing): Verdict {
  return { pass: true, narrow };
}
