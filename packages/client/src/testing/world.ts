import {
  type AccessRequest,
  type AccessSettings,
  type Ban,
  CODES,
  clientView,
  compilePolicy,
  type Decision,
  decide,
  type PartialRuleSpec,
  type Policy,
  type PolicySource,
  type Revocation,
  ruleFromSpec,
} from '@portcullis/policy';
import { People } from './people.ts';
import { Room } from './room.ts';
import type { Seat } from './seat.ts';
import { SETTINGS } from './settings.ts';

/** What one decision says to a client. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
}

export interface Authority {
  readonly settings: AccessSettings;
  readonly rules: readonly PartialRuleSpec[];
  readonly revocations: readonly Revocation[];
  readonly bans: readonly Ban[];
}

/** All that a test server is: its policy, its channels, its connections. Whether something may be is asked of `decide()` alone. */
export class World {
  readonly people = new People();
  readonly rooms = new Map<string, Room>();
  readonly seats = new Set<Seat>();
  readonly now: () => number;
  authority: Authority = { settings: SETTINGS, rules: [], revocations: [], bans: [] };
  #policy: Policy;
  #epoch = 0;
  #logs = 0;
  #tick = 0n;
  #sessions = 0;

  constructor(now: () => number, authority: Partial<Authority>) {
    this.now = now;
    this.authority = { ...this.authority, ...authority };
    this.#policy = this.#compile();
  }

  get policy(): Policy {
    return this.#policy;
  }

  decide(request: AccessRequest): Decision {
    return decide(request, this.#policy);
  }

  /** `undefined` when it is allowed. */
  refusal(request: AccessRequest): Refusal | undefined {
    const decision = this.decide(request);
    if (decision.allowed) return undefined;
    const { code, message } = clientView(decision, request, this.#policy);
    return this.#policy.settings.explainToClients === 'full'
      ? { code, message, fix: CODES[code].fix }
      : { code, message };
  }

  /** Changes who may do what; every connection is decided again at once. */
  commit(changes: Partial<Authority>): void {
    this.authority = { ...this.authority, ...changes };
    this.#policy = this.#compile();
    for (const seat of [...this.seats]) seat.settle();
  }

  room(name: string): Room {
    let room = this.rooms.get(name);
    if (!room) {
      room = new Room(this.#newLog());
      this.rooms.set(name, room);
    }
    return room;
  }

  /** Every channel begins a new log, as without history after a restart. */
  loseLogs(): void {
    for (const room of this.rooms.values()) room.lose(this.#newLog());
  }

  timetoken(): string {
    const now = BigInt(Math.floor(this.now())) * 10_000n;
    this.#tick = now > this.#tick ? now : this.#tick + 1n;
    return String(this.#tick).padStart(17, '0');
  }

  newSession(): string {
    this.#sessions += 1;
    return `session-${this.#sessions}`;
  }

  #newLog(): string {
    this.#logs += 1;
    return `log-${this.#logs}`;
  }

  #compile(): Policy {
    this.#epoch += 1;
    const { rules, ...rest } = this.authority;
    const source: PolicySource = {
      app: 'test',
      epoch: this.#epoch,
      ...rest,
      rules: rules.map((spec, index) =>
        ruleFromSpec(
          { nested: spec.target.includes('*'), ...spec },
          { id: index + 1, version: this.#epoch, origin: 'file' },
        ),
      ),
    };
    return compilePolicy(source);
  }
}
