import type { Actions } from '@portcullis/automation/actions';
import type { DeadLetter, Store } from '@portcullis/engine';
import * as v from 'valibot';
import { instant, text } from './fields.ts';
import { type Operation, operation } from './operation.ts';

const number = (max: number) => v.pipe(v.string(), v.regex(/^\d{1,16}$/), v.transform(Number), v.maxValue(max));
const yes = v.pipe(v.picklist(['true', 'false']), v.description('Whether what was to be handed over is shown.'));
const letterId = v.pipe(v.number(), v.integer(), v.description('Id of a dead letter.'));
const some = v.strictObject({ letters: v.pipe(v.array(letterId), v.minLength(1), v.maxLength(1_000)) });

const letter = v.object({
  id: letterId,
  action: v.pipe(v.string(), v.description('`listener/id`')),
  channel: v.nullable(v.string()),
  at: instant,
  diedAt: instant,
  attempts: v.number(),
  reason: v.string(),
  event: v.exactOptional(v.unknown()),
});
const run = v.object({
  action: v.string(),
  at: instant,
  took: v.pipe(v.number(), v.description('Milliseconds.')),
  attempt: v.number(),
  outcome: v.picklist(['done', 'failed', 'gave-up']),
  reason: v.exactOptional(v.string()),
  events: v.array(v.object({ id: v.string(), type: v.string(), channel: v.exactOptional(v.string()) })),
  input: v.exactOptional(v.string()),
});

export interface LetterDeps {
  readonly actions: Actions;
  readonly store: Store;
}

/** What actions did lately, and what they had to give up. */
export function letterOperations({ actions, store }: LetterDeps): readonly Operation[] {
  return [
    operation({
      id: 'listActionRuns',
      method: 'get',
      path: '/apps/{app}/action-runs',
      summary: 'The last attempts of this process, newest first: of all, of a listener, or of one of its actions.',
      scope: 'actions',
      query: v.strictObject({
        action: v.exactOptional(text(256)),
        limit: v.optional(number(500), '100'),
        payloads: v.optional(yes, 'false'),
      }),
      answer: v.object({ runs: v.array(run) }),
      handle: ({ app, query: { action, limit, payloads } }) => {
        const runs = actions.runs.of(app, { action, limit });
        return {
          body: {
            runs: runs.map(({ app: _, input, ...rest }) => ({ ...rest, ...(payloads === 'true' && { input }) })),
          },
        };
      },
    }),
    operation({
      id: 'listDeadLetters',
      method: 'get',
      path: '/apps/{app}/dead-letters',
      summary: 'Events that an action gave up, newest first. `before` takes the `next` of the page before.',
      scope: 'actions',
      query: v.strictObject({
        action: v.exactOptional(text(256)),
        before: v.exactOptional(number(Number.MAX_SAFE_INTEGER)),
        limit: v.optional(number(1_000), '100'),
        payloads: v.optional(yes, 'false'),
      }),
      answer: v.object({ letters: v.array(letter), next: v.nullable(letterId), total: v.number() }),
      handle: async ({ app, query: { payloads, ...query } }) => {
        const [letters, total] = await Promise.all([store.deadLetters({ app, ...query }), store.countDeadLetters(app)]);
        const last = letters.length === query.limit ? letters.at(-1) : undefined;
        const shown = letters.map((each) => show(each, payloads === 'true'));
        return { body: { letters: shown, next: last?.seq ?? null, total } };
      },
    }),
    operation({
      id: 'replayDeadLetters',
      method: 'post',
      path: '/apps/{app}/dead-letters/replay',
      summary: 'Hand dead letters to their actions again, behind what waits there.',
      scope: 'actions',
      body: some,
      answer: v.object({ replayed: v.number() }),
      audit: 'dead-letters.replayed',
      handle: async ({ app, body: { letters } }) => {
        const replayed = await actions.replay(app, [...new Set(letters)]);
        return { body: { replayed }, audit: { replayed } };
      },
    }),
    operation({
      id: 'deleteDeadLetters',
      method: 'post',
      path: '/apps/{app}/dead-letters/delete',
      summary: 'Delete dead letters.',
      scope: 'actions',
      body: some,
      answer: v.object({ deleted: v.number() }),
      audit: 'dead-letters.deleted',
      handle: async ({ app, body: { letters } }) => {
        const deleted = await store.deleteLetters(app, letters);
        return { body: { deleted }, audit: { deleted } };
      },
    }),
  ];
}

function show({ seq, action, channel, at, diedAt, attempts, reason, event }: DeadLetter, payloads: boolean) {
  return {
    id: seq,
    action,
    channel: channel === '' ? null : channel,
    at,
    diedAt,
    attempts,
    reason,
    ...(payloads && { event: JSON.parse(event) }),
  };
}
