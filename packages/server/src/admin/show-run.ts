import type { RunRecord } from '@portcullis/automation/triggers';
import type { Json, JsonObject, Principal } from '@portcullis/policy';

/** A run as operators see it. What was sent is shown only when asked for. */
export function showRun({ call, end, steps, ms, payload, narrow }: RunRecord, payloads: boolean): JsonObject {
  return {
    at: call.at,
    action: call.action,
    channel: call.channel,
    principal: labelOf(call.principal),
    ...(call.action === 'message' ? { kind: call.kind, to: call.target.to, hops: call.hops } : {}),
    outcome: end.type,
    ...(end.type === 'block' ? { code: end.code, ...(end.reason === undefined ? {} : { reason: end.reason }) } : {}),
    ...(end.type === 'failed' ? { code: 'trigger.failed' } : {}),
    changed: payload !== null,
    ...(narrow ? { audience: narrow as unknown as JsonObject } : {}),
    ...(payloads && call.action === 'message'
      ? {
          payload: JSON.parse(call.data) as Json,
          ...(payload === null ? {} : { payloadAfter: JSON.parse(payload) as Json }),
        }
      : {}),
    ms: rounded(ms),
    steps: steps.map(({ step, outcome, ms: took, error }) => ({
      trigger: step.trigger.id,
      origin: step.trigger.origin,
      step: step.position,
      does: step.step.kind,
      outcome,
      ms: rounded(took),
      ...(error === undefined ? {} : { error, passed: step.onError === 'pass' }),
    })),
  };
}

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

function labelOf(principal: Principal): string {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
    case 'stated':
      return `${principal.kind}:${principal.user}`;
    case 'server':
    case 'trigger':
      return `${principal.kind}:${principal.name}`;
  }
}
