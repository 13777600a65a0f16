import { type Act, type AppId, PATIENT_CLIENTS, ROOMS, type Room, type Schedule } from './acts.fixture.ts';
import { Random } from './random.fixture.ts';

type Story = (random: Random, app: AppId, room: Room) => readonly Act[];

const FOREVER = Number.POSITIVE_INFINITY;
const user = (random: Random): number => 2 + random.int(3);
const patient = (random: Random): number => PATIENT_CLIENTS + random.int(2);

/** What by chance alone would hardly ever come about: acts in their order, between which anything else may happen. */
const STORIES: readonly [Story, ...Story[]] = [
  // Who comes back is another by the time at which its full line takes what it missed.
  (random, app, room) => {
    const who = { app, client: user(random) };
    const missed = { do: 'event', ...who, room, table: 1 } as const;
    return [
      { do: 'join', ...who, room, presence: false, history: false },
      { do: 'publish', app, client: (who.client + 1) % 5, room, keyed: false },
      { do: 'turn' },
      { do: 'close', ...who },
      ...[missed, missed].slice(random.int(2)),
      { do: 'connect', ...who, holds: FOREVER, table: 1 },
      { do: 'fill', ...who },
      { do: 'return', ...who, room, presence: false, history: false },
      { do: 'swap', ...who, holds: FOREVER, table: 2, other: false },
      { do: 'drain', ...who },
    ];
  },
  // Who asked for a page shows another proof, in time, before its line takes the page.
  (random, app, room) => {
    const who = { app, client: patient(random) };
    const other = ROOMS.find((name) => name !== room) ?? room;
    return [
      { do: 'rule', app, enabled: true, anonymous: true, presence: false, history: 10 },
      { do: 'store', answers: 4 },
      { do: 'join', ...who, room: other, presence: false, history: false },
      { do: 'join', app, client: 2, room, presence: false, history: false },
      { do: 'publish', app, client: 2, room, keyed: false },
      { do: 'store', answers: 4 },
      { do: 'leave', ...who, room },
      { do: 'turn' },
      { do: 'stall', ...who },
      { do: 'page', ...who, room },
      { do: 'store', answers: 4 },
      { do: 'read' },
      { do: 'revoke', ...who },
      { do: 'store', answers: 4 },
      { do: 'swap', ...who, holds: FOREVER, table: 1, other: false },
      { do: 'drain', ...who },
    ];
  },
];

/** The schedule, in every fifth with a story among its acts. */
export function told(schedule: Schedule): Schedule {
  const random = new Random(~schedule.seed);
  if (random.yes(0.8)) return schedule;
  const { acts } = schedule;
  const story = random.pick(STORIES)(random, 'a', random.pick(ROOMS));
  let at = random.int(acts.length);
  const all = acts.slice(0, at);
  for (const act of story) {
    all.push(act);
    // Little comes in between: it would else seldom reach its end.
    if (random.yes(0.1)) all.push(...acts.slice(at, ++at));
  }
  return { ...schedule, acts: [...all, ...acts.slice(at)] };
}
