import type { EngineApi } from '@portcullis/engine';
import { type Rule, type RuleSpec, TEMPLATES, type TemplateName } from '@portcullis/policy';
import * as v from 'valibot';
import type { AppCatalog } from '../apps/app-catalog.ts';
import { parseRuleSpec } from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import { serverPrincipal } from './events.ts';
import { ack, idIn, text, toAck } from './fields.ts';
import { type Call, type Operation, operation } from './operation.ts';

const switchIn = v.union([
  v.boolean(),
  v.strictObject({ enabled: v.exactOptional(v.boolean()), authenticatedOnly: v.exactOptional(v.boolean()) }),
]);
const switchOut = v.object({ enabled: v.boolean(), authenticatedOnly: v.boolean() });

const templateNames = Object.keys(TEMPLATES) as [TemplateName, ...TemplateName[]];

/** The keys of a rule in the file, and `template`, whose switches hold for what the body leaves out. */
const ruleBody = v.strictObject({
  template: v.exactOptional(v.picklist(templateNames)),
  target: text(1_024),
  nested: v.exactOptional(v.boolean()),
  enabled: v.exactOptional(v.boolean()),
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(1_000))),
  anonymousClients: v.exactOptional(v.boolean()),
  presence: v.exactOptional(v.boolean()),
  publicMessaging: v.exactOptional(switchIn),
  authenticatedMessaging: v.exactOptional(v.boolean()),
  privateMessaging: v.exactOptional(switchIn),
  history: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

/** As it was read: `id` has to be the path's, and `version`, if it is there, the rule's as it stands. */
const replacement = v.strictObject({
  ...ruleBody.entries,
  id: v.exactOptional(v.pipe(v.number(), v.integer())),
  version: v.exactOptional(v.pipe(v.number(), v.integer())),
  origin: v.exactOptional(v.literal('store')),
});

const ruleAnswer = v.object({
  id: v.pipe(v.number(), v.integer()),
  version: v.pipe(v.number(), v.integer()),
  origin: v.picklist(['file', 'store']),
  target: v.string(),
  nested: v.boolean(),
  enabled: v.boolean(),
  description: v.string(),
  anonymousClients: v.boolean(),
  presence: v.boolean(),
  publicMessaging: switchOut,
  authenticatedMessaging: v.boolean(),
  privateMessaging: switchOut,
  history: v.pipe(v.number(), v.integer()),
});
const changed = v.object({ ...ruleAnswer.entries, ...ack.entries });

export interface RuleDeps {
  readonly engine: EngineApi;
  readonly apps: AppCatalog;
}

/** Channel rules of one app. Those of the file are shown and read-only. */
export function ruleOperations({ engine, apps }: RuleDeps): readonly Operation[] {
  const find = (app: string, id: number): Rule => {
    const rule = engine.rules(app).find((candidate) => candidate.id === id);
    if (!rule) throw new HttpProblem('not-found', { detail: `There is no rule ${id}.` });
    return rule;
  };
  const writable = (app: string, id: number): Rule => {
    const rule = find(app, id);
    if (rule.origin === 'file') throw new HttpProblem('rule.read-only', { detail: `Rule ${id} comes from the file.` });
    return rule;
  };
  type Putting = Pick<Call<unknown, v.InferOutput<typeof ruleBody>>, 'actor' | 'app' | 'body' | 'noted'>;
  const put = async (id: number, { actor, app, body, noted }: Putting) => {
    const spec = ruleSpecOf(body, apps.get(app).config.history.max);
    const rule: Rule = { ...spec, id, version: 0, origin: 'store' };
    const changes = [{ type: 'rule.put', rule } as const, noted({ rule: id, target: spec.target })];
    const answer = await engine.commit(app, changes, serverPrincipal(actor));
    return { body: { ...rule, version: answer.epoch, ...toAck(answer) } };
  };

  return [
    operation({
      id: 'listRules',
      method: 'get',
      path: '/apps/{app}/rules',
      summary: 'The app’s channel rules, those of the file included.',
      scope: 'read',
      answer: v.object({ rules: v.array(ruleAnswer) }),
      handle: ({ app }) => ({ body: { rules: engine.rules(app) } }),
    }),
    operation({
      id: 'createRule',
      method: 'post',
      path: '/apps/{app}/rules',
      summary: 'Make a rule. Answers when it is in force.',
      scope: 'rules',
      body: ruleBody,
      status: 201,
      answer: changed,
      audit: 'rule.created',
      handle: (call) => put(engine.nextId(), call),
    }),
    operation({
      id: 'getRule',
      method: 'get',
      path: '/apps/{app}/rules/{rule}',
      summary: 'One rule.',
      scope: 'read',
      answer: ruleAnswer,
      handle: ({ app, params }) => ({ body: find(app, idIn(params, 'rule')) }),
    }),
    operation({
      id: 'replaceRule',
      method: 'put',
      path: '/apps/{app}/rules/{rule}',
      summary:
        'Replace a rule whole: what the body leaves out has its default again. With `version`, only if that is still the rule’s. Answers when it is in force.',
      scope: 'rules',
      body: replacement,
      answer: changed,
      audit: 'rule.replaced',
      handle: ({ params, body: { id, version, origin: _, ...body }, ...call }) => {
        const rule = writable(call.app, idIn(params, 'rule'));
        if (id !== undefined && id !== rule.id) {
          throw new HttpProblem('rule.invalid', { errors: [{ path: 'id', message: `is not ${rule.id}` }] });
        }
        if (version !== undefined && version !== rule.version) {
          throw new HttpProblem('rule.conflict', {
            detail: `The rule was changed meanwhile, to version ${rule.version}.`,
          });
        }
        return put(rule.id, { ...call, body });
      },
    }),
    operation({
      id: 'deleteRule',
      method: 'delete',
      path: '/apps/{app}/rules/{rule}',
      summary: 'Delete a rule. Answers when no client is held by it any more.',
      scope: 'rules',
      answer: ack,
      audit: 'rule.deleted',
      handle: async ({ actor, app, params, noted }) => {
        const { id, target } = writable(app, idIn(params, 'rule'));
        const changes = [{ type: 'rule.delete', id } as const, noted({ rule: id, target })];
        return { body: toAck(await engine.commit(app, changes, serverPrincipal(actor))) };
      },
    }),
  ];
}

function ruleSpecOf({ template, ...body }: v.InferOutput<typeof ruleBody>, historyMax: number): RuleSpec {
  const parsed = parseRuleSpec({ ...(template && TEMPLATES[template]), ...body }, { historyMax });
  if (parsed.ok) return parsed.value;
  throw new HttpProblem('rule.invalid', { errors: parsed.problems.map(({ path, message }) => ({ path, message })) });
}
