import type { ActionSpec, ActionState, DefinedListener, Target } from '@portcullis/automation/actions';

const HIDDEN = '(hidden)';
const SECRETS = new Set(['secret', 'password', 'token', 'secretAccessKey']);

/** A listener as the management API shows it: of every secret only that there is one. */
export function describeListener(listener: DefinedListener, states: readonly ActionState[]) {
  const { name, description, enabled, origin, on, filter } = listener;
  return {
    name,
    origin,
    description,
    enabled,
    on,
    ...(filter && { filter }),
    do: listener.do.map((action) =>
      describeAction(
        action,
        states.find((state) => state.action === `${name}/${action.id}`),
      ),
    ),
  };
}

function describeAction(action: ActionSpec, state: ActionState | undefined) {
  const { id, target, envelope, retry, batch, timeout, concurrency } = action;
  return {
    id,
    [target.kind]: describeTarget(target),
    envelope: envelope.form,
    enveloped: envelope.enveloped,
    retry,
    ...(batch && { batch }),
    timeout,
    concurrency,
    ...(state && { state: describeState(state) }),
  };
}

export const describeState = ({ action: _, ...counts }: ActionState) => counts;

function describeTarget({ to }: Target): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(to)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]: [string, unknown]) => [name, shown(name, value)]),
  );
}

function shown(name: string, value: unknown): unknown {
  if (SECRETS.has(name)) return HIDDEN;
  if (name === 'headers') return Object.fromEntries(Object.keys(value as object).map((header) => [header, HIDDEN]));
  if (name === 'url' && typeof value === 'string') return value.replace(/\/\/[^/@]*@/, `//${HIDDEN}@`);
  return value;
}
