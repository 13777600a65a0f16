import { compileFilter, EVENT_NAMES, typesOf, unknownEvent } from '@portcullis/automation/actions';
import { Language } from '@portcullis/automation/cel';
import type { SettingsInput } from '../resolve.ts';
import { idsOf, KINDS, kindsOf, type ListenerInput, resolveListener, type StepInput } from '../resolve-listener.ts';
import type { Path } from '../source.ts';
import { error, type Finding, type Surroundings } from './check.ts';
import { checkWebhook } from './webhook.ts';

const language = new Language(() => performance.now());

/** Listeners of one app: what they name has to be there, and what they say has to be readable. */
export function checkActions({ actions = [], limits }: SettingsInput, at: Path, server: Surroundings): Finding[] {
  const seen = new Set<string>();
  const many =
    actions.length > limits.listeners
      ? [error([...at, 'actions'], `has more than limits.listeners (${limits.listeners})`)]
      : [];
  return many.concat(
    actions.flatMap((listener, index) => {
      const path = [...at, 'actions', index];
      const again = seen.has(listener.name);
      seen.add(listener.name);
      const findings = checkListener(listener, path, server);
      return again ? [...findings, error([...path, 'name'], 'is the name of another listener')] : findings;
    }),
  );
}

export function checkListener(listener: ListenerInput, path: Path, server: Surroundings): Finding[] {
  const { on, filter, do: steps } = listener;
  const ids = idsOf(steps);
  const findings = [
    ...on
      .filter((word) => typesOf(word).length === 0)
      .map((word) => error([...path, 'on'], `"${word}" ${unknownEvent(word)}`)),
    ...steps.flatMap((step, index) => checkStep(step, [...path, 'do', index], server)),
    ...ids.flatMap((id, index) =>
      ids.indexOf(id) < index ? [error([...path, 'do', index, 'id'], `"${id}" is another step’s as well`)] : [],
    ),
  ];
  if (steps.length === 0) findings.push(error([...path, 'do'], 'is empty: it says what is done'));
  const filters = Object.keys(filter ?? {});
  if (filter && filters.length !== 1) findings.push(error([...path, 'filter'], 'takes one of basic, jsonpath and cel'));
  if (findings.length > 0) return findings;
  const compiled = compileFilter(resolveListener(listener).filter, language);
  return compiled.ok ? [] : [error([...path, 'filter', compiled.key], compiled.message)];
}

function checkStep(step: StepInput, path: Path, server: Surroundings): Finding[] {
  const kinds = kindsOf(step);
  if (kinds.length !== 1) {
    const said = kinds.length === 0 ? 'says nothing that is done' : `says ${kinds.join(' and ')}`;
    return [error(path, `${said}; expected one of ${KINDS.join(', ')}`)];
  }
  return [
    ...(step.retry.base > step.retry.max ? [error([...path, 'retry', 'base'], 'is longer than retry.max')] : []),
    ...(step.webhook ? checkWebhook(step.webhook, [...path, 'webhook'], server) : []),
    ...(step.publish?.data === undefined ? [] : checkPayload(step.publish.data, [...path, 'publish', 'data'])),
    ...checkPairs(step, path),
  ];
}

function checkPayload(text: string, path: Path): Finding[] {
  const compiled = language.compile(text, EVENT_NAMES);
  if (compiled.ok) return [];
  const { message, line, column } = compiled.problem;
  return [error(path, `${message} (line ${line}, column ${column})`)];
}

/** Keys that mean nothing alone. */
function checkPairs({ kafka, sqs, kinesis, s3 }: StepInput, path: Path): Finding[] {
  const findings: Finding[] = [];
  if (kafka && (kafka.sasl === undefined) !== (kafka.user === undefined)) {
    findings.push(error([...path, 'kafka', 'sasl'], 'goes together with user and password'));
  }
  for (const [kind, aws] of Object.entries({ sqs, kinesis, s3 })) {
    if (aws && (aws.accessKeyId === undefined) !== (aws.secretAccessKey === undefined)) {
      findings.push(error([...path, kind, 'accessKeyId'], 'goes together with secretAccessKey'));
    }
  }
  return findings;
}
