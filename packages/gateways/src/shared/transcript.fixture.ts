import type { Change, EngineApi } from '@portcullis/engine';
import { type RuleSpec, ruleFromSpec } from '@portcullis/policy';
import type { WebSocket } from 'ws';
import { APP, BACKEND } from './engine-stage.fixture.ts';
import { until } from './loopback.fixture.ts';
import type { ManualClock } from './manual-clock.fixture.ts';

/** A client that keeps what it hears, in order. */
export interface Heard {
  readonly ws: WebSocket;
  readonly heard: readonly string[];
  readonly closed: { readonly code: number } | undefined;
  opened(): Promise<unknown>;
  send(frame: string): void;
}

export interface TranscriptStage {
  readonly engine: EngineApi;
  readonly clock: ManualClock;
  /** A new client; `how` is the rest of its line. */
  call(how: string | undefined): Heard;
  close(): Promise<void>;
}

/**
 * Plays a transcript against a door and says what really happened, line by line. Lines:
 * `rule {…}` puts the rule with this target · `commit {…}` any change · `event {…}` a server event · `kick SESSION` ·
 * `NAME connects [TOKEN]` · `NAME > frame` · `NAME < frame` waits for the next frame · `NAME closed CODE` · `wait MS` ·
 * `NAME gone` drops the line · `# …` and blank lines are for the reader. At the end nobody may have heard anything that
 * is not in the transcript. Timetokens are written T1, T2, … in the order of their first appearance.
 */
export async function replay(transcript: string, stage: TranscriptStage): Promise<string> {
  const player = new Player(stage);
  try {
    const lines: string[] = [];
    for (const line of transcript.split('\n')) lines.push(await player.play(line));
    return [...lines, ...(await player.unheard())].join('\n');
  } finally {
    player.hangUp();
    await stage.close();
  }
}

class Player {
  readonly #stage: TranscriptStage;
  readonly #callers = new Map<string, { caller: Heard; at: number }>();
  readonly #rules = new Map<string, number>();
  readonly #timetokens = new Map<string, string>();

  constructor(stage: TranscriptStage) {
    this.#stage = stage;
  }

  async play(line: string): Promise<string> {
    const { engine, clock } = this.#stage;
    const [first = '', verb = '', ...more] = line.split(' ');
    const rest = more.join(' ');
    if (line.trim() === '' || first === '#') return line;
    switch (first) {
      case 'rule':
        await this.#putRule(JSON.parse(line.slice(5)) as RuleSpec);
        return line;
      case 'commit':
        await engine.commit(APP, [JSON.parse(line.slice(7)) as Change]);
        return line;
      case 'event': {
        const { data, ...to } = JSON.parse(line.slice(6)) as { data: unknown; channel: string };
        await engine.event({ app: APP, principal: BACKEND, data: JSON.stringify(data), ...to });
        return line;
      }
      case 'kick':
        await engine.kick(APP, verb, 0, 'out');
        return line;
      case 'wait':
        clock.advance(Number(verb));
        return line;
    }
    if (verb === 'connects') {
      const caller = this.#stage.call(rest === '' ? undefined : rest);
      this.#callers.set(first, { caller, at: 0 });
      await caller.opened();
      return line;
    }
    return this.#perform(line, first, verb, rest);
  }

  async #perform(line: string, name: string, verb: string, rest: string): Promise<string> {
    const entry = this.#callers.get(name);
    if (entry === undefined) throw new Error(`who is ${name}?`);
    const { caller } = entry;
    switch (verb) {
      case '>':
        caller.send(this.#meantTimetokens(rest));
        return line;
      case '<':
        await until(() => caller.heard.length > entry.at || caller.closed !== undefined, `${name} hears ${rest}`);
        return `${name} < ${this.#nameTimetokens(caller.heard[entry.at++] ?? '')}`;
      case 'closed':
        await until(() => caller.closed !== undefined, `${name} is closed`);
        return `${name} closed ${caller.closed?.code}`;
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

  /** A client may say a timetoken it heard. */
  #meantTimetokens(text: string): string {
    return text.replace(/"(T\d+)"/g, (said, name: string) => {
      const found = [...this.#timetokens].find(([, known]) => known === name);
      return found === undefined ? said : `"${found[0]}"`;
    });
  }

  hangUp(): void {
    for (const { caller } of this.#callers.values()) caller.ws.terminate();
  }

  async #putRule(spec: RuleSpec): Promise<void> {
    const { engine } = this.#stage;
    const id = this.#rules.get(spec.target) ?? engine.nextId();
    this.#rules.set(spec.target, id);
    const rule = ruleFromSpec(spec, { id, version: 0, origin: 'store' });
    await engine.commit(APP, [{ type: 'rule.put', rule }]);
  }
}
