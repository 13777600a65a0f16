import type { Clock } from '@portcullis/engine';
import type { Json } from '@portcullis/policy';
import { Webhook } from 'standardwebhooks';
import type { Post, Posted } from '../../outbound/index.ts';
import type { TriggerInput } from '../input.ts';
import type { Http } from '../spec.ts';
import { readAnswer } from './answer.ts';
import { Breaker } from './breaker.ts';
import { failed, PASSED, type Step, type StepContext, type StepOutcome } from './step.ts';

export interface HttpDeps {
  readonly post: Post;
  readonly clock: Clock;
  /** A fresh id for one call. */
  readonly id: () => string;
}

/** What endpoints may cost. */
export const HTTP_LIMITS = {
  /** Calls of one step under way. */
  pending: 1_000,
  /** Bytes of an answer. */
  answer: 1_048_576,
  /** Failures in a row that shut the way to an endpoint, and ms for which it is shut. */
  failures: 5,
  pause: 5_000,
} as const;

/** Posts the input, signed as Standard Webhooks say, and obeys the answer. No redirect is followed. */
export function httpStep(http: Http, deps: HttpDeps): Step {
  const url = new URL(http.url);
  const webhook = new Webhook(http.secret);
  const breaker = new Breaker(HTTP_LIMITS);
  let pending = 0;

  const send = async (input: TriggerInput): Promise<StepOutcome> => {
    const body = JSON.stringify(input);
    const id = `msg_${deps.id()}`;
    const sentAt = new Date(Math.floor(deps.clock.now() / 1_000) * 1_000);
    const posted = await deps.post({
      url,
      headers: { 'content-type': 'application/json', 'user-agent': 'portcullis-trigger' },
      ownHeaders: {
        'webhook-id': id,
        'webhook-timestamp': String(sentAt.getTime() / 1_000),
        'webhook-signature': webhook.sign(id, sentAt, body),
      },
      body,
      timeout: http.timeout,
      maxBytes: HTTP_LIMITS.answer,
      redirects: 0,
    });
    return readPosted(posted, input, http);
  };

  return {
    kind: 'http',
    run: async (input: TriggerInput, { trial }: StepContext) => {
      if (trial && !trial.endpoints) return PASSED;
      if (pending >= HTTP_LIMITS.pending) return failed(`more than ${HTTP_LIMITS.pending} calls are under way`);
      if (!breaker.mayCall(deps.clock.now())) return failed('the endpoint failed too often lately and is not asked');
      pending += 1;
      try {
        const outcome = await send(input);
        if (outcome.type === 'failed') breaker.failed(deps.clock.now());
        else breaker.succeeded();
        return outcome;
      } finally {
        pending -= 1;
      }
    },
  };
}

function readPosted(posted: Posted, input: TriggerInput, { returns }: Http): StepOutcome {
  if (!posted.ok) return failed(`${posted.reason}: ${posted.detail}`);
  if (posted.status < 200 || posted.status > 299) return failed(`it answered ${posted.status}`);
  if (!posted.whole) return failed(`its answer has more than ${HTTP_LIMITS.answer} bytes`);
  const text = new TextDecoder().decode(posted.body).trim();
  if (text === '') return PASSED;
  let answer: Json;
  try {
    answer = JSON.parse(text) as Json;
  } catch {
    return failed('its answer is no JSON');
  }
  return readAnswer(answer, input, returns);
}
