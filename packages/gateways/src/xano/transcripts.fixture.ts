import type { EngineApi } from '@portcullis/engine';
import { type RuleSpec, ruleFromSpec } from '@portcullis/policy';
import { until } from '../shared/loopback.fixture.ts';
import { ManualClock } from '../shared/manual-clock.fixture.ts';
import { Caller, type DoorServer } from './door-server.fixture.ts';
import { APP, BACKEND, createStage, HASH } from './stage.fixture.ts';

/**
 * Plays a transcript against the door and says what really happened, line by line. Lines:
 * `rule {…}` puts the rule with this target · `event {…}` a server event · `NAME connects [TOKEN]` · `NAME > frame` ·
 * `NAME < frame` waits for the next frame · `NAME closed CODE` · `wait MS` · `NAME gone` drops the line · `# …` and blank
 * lines are for the reader. At the end nobody may have heard anything that is not in the transcript. Timetokens are
 * written T1, T2, … in the order of their first appearance.
 */
export async function replay(transcript: string): Promise<string> {
  const clock = new ManualClock();
  const { engine, server } = await createStage(clock);
  const player = new Player(engine, server, clock);
  try {
    const lines: string[] = [];
    for (const line of transcript.split('\n')) lines.push(await player.play(line));
    return [...lines, ...(await player.unheard())].join('\n');
  } finally {
    player.hangUp();
    await server.close();
  }
}

class Player {
  readonly #engine: EngineApi;
  readonly #server: DoorServer;
  readonly #clock: ManualClock;
  readonly #callers = new Map<string, { caller: Caller; at: number }>();
  readonly #rules = new Map<string, number>();
  readonly #timetokens = new Map<string, string>();

  constructor(engine: EngineApi, server: DoorServer, clock: ManualClock) {
    this.#engine = engine;
    this.#server = server;
    this.#clock = clock;
  }

  async play(line: string): Promise<string> {
    const [first = '', verb = '', ...more] = line.split(' ');
    const rest = more.join(' ');
    if (line.trim() === '' || first === '#') return line;
    if (first === 'rule') {
      await this.#putRule(JSON.parse(line.slice(5)) as RuleSpec);
      return line;
    }
    if (first === 'event') {
      const { data, ...to } = JSON.parse(line.slice(6)) as { data: unknown; channel: string };
      await this.#engine.event({ app: APP, principal: BACKEND, data: JSON.stringify(data), ...to });
      return line;
    }
    if (first === 'wait') {
      this.#clock.advance(Number(verb));
      return line;
    }
    if (verb === 'connects') {
      const caller = new Caller(this.#server.port, HASH, rest === '' ? undefined : rest);
      this.#callers.set(first, { caller, at: 0 });
      await caller.opened();
      return line;
    }
    const entry = this.#callers.get(first);
    if (entry === undefined) throw new Error(`who is ${first}?`);
    const { caller } = entry;
    switch (verb) {
      case '>':
        caller.send(rest);
        return line;
      case '<':
        await until(() => caller.heard.length > entry.at || caller.closed !== undefined, `${first} hears ${rest}`);
        return `${first} < ${this.#nameTimetokens(caller.heard[entry.at++] ?? '')}`;
      case 'closed':
        await until(() => caller.closed !== undefined, `${first} is closed`);
        return `${first} closed ${caller.closed?.code}`;
      case 'gone':
        caller.ws.terminate();
        return line;
      default:
        throw new Error(`no such line: ${line}`);
    }
  }

  /** What arrived beyond the transcript. */
  async unheard(): Promise<string[]> {
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    return [...this.#callers].flatMap(([name, { caller, at }]) =>
      caller.heard.slice(at).map((text) => `${name} < ${text}`),
    );
  }

  #nameTimetokens(text: string): string {
    return text.replace(/"timetoken":"(\d{17})"/g, (_, timetoken: string) => {
      const name = this.#timetokens.get(timetoken) ?? `T${this.#timetokens.size + 1}`;
      this.#timetokens.set(timetoken, name);
      return `"timetoken":"${name}"`;
    });
  }

  hangUp(): void {
    for (const { caller } of this.#callers.values()) caller.ws.terminate();
  }

  async #putRule(spec: RuleSpec): Promise<void> {
    const id = this.#rules.get(spec.target) ?? this.#engine.nextId();
    this.#rules.set(spec.target, id);
    const rule = ruleFromSpec(spec, { id, version: 0, origin: 'store' });
    await this.#engine.commit(APP, [{ type: 'rule.put', rule }]);
  }
}
