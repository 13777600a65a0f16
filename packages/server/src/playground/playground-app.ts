import { randomBytes } from 'node:crypto';
import type { Clock, EngineApi, Log, Store } from '@portcullis/engine';
import { CODES, type JsonObject, type Rule, type TemplateName } from '@portcullis/policy';
import { Hono } from 'hono';
import * as v from 'valibot';
import { latestIssuedBefore } from '../admin/issued-before.ts';
import { identityConfig } from '../apps/identities.ts';
import type { LiveApp } from '../apps/live-app.ts';
import { ABOUT } from '../http/about.ts';
import { only } from '../http/app.ts';
import { type HttpContext, type HttpEnv, jsonBody } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { mintUserToken } from '../identity/index.ts';
import { ACTOR, channelOf, demoRule, PEOPLE, TEMPLATE_NAMES, targetOf } from './demo.ts';
import type { StaticFile } from './files.ts';
import { switchChanges, withSwitches } from './switches.ts';

export interface PlaygroundDeps {
  readonly engine: EngineApi;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The app it shows to whom asks; `undefined`: none, and every path here is 404. Read at every request. */
  readonly demo: (c: HttpContext) => LiveApp | undefined;
  readonly files: ReadonlyMap<string, StaticFile>;
  /** Throws for foreign hosts and origins. */
  readonly guard: (c: HttpContext) => void;
}

const MAX_BODY = 16 * 1_024;
const TOKEN_TTL = 900;
const template = v.picklist(TEMPLATE_NAMES);
const tokenBody = v.strictObject({ user: v.string() });
const ruleBody = v.union([
  v.strictObject({ template, changes: switchChanges }),
  v.strictObject({ template, reset: v.literal(true) }),
]);
const eventBody = v.strictObject({ channel: v.string(), data: v.unknown() });

/** The page at `/` and what it calls. Whoever reaches it is the demo app's operator. */
export function createPlaygroundApp(deps: PlaygroundDeps): Hono<HttpEnv> {
  const { engine, clock } = deps;
  const app = new Hono<HttpEnv>();
  const demo = (c: HttpContext): LiveApp => {
    const shown = deps.demo(c);
    if (!shown) throw new HttpProblem('not-found', { detail: `There is nothing at ${c.req.path}.` });
    deps.guard(c);
    return shown;
  };
  const ruleOf = ({ config: { id } }: LiveApp, name: TemplateName): Rule | undefined =>
    engine.rules(id).find(({ target, nested }) => nested && target === targetOf(name));

  only(app, '/', 'GET', (c) => {
    if (!deps.demo(c)) return c.text(ABOUT, 200, { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    demo(c);
    return sendFile(c, deps.files.get('index.html'));
  });
  only(app, '/playground/config.json', 'GET', (c) => {
    const shown = demo(c);
    const { id, connectionHash, keys } = shown.config;
    const channels = TEMPLATE_NAMES.flatMap((name) => {
      const rule = ruleOf(shown, name);
      return rule ? [{ template: name, target: targetOf(name), channel: channelOf(name), rule }] : [];
    });
    const key = keys.subscribe ?? null;
    return c.json({ app: id, hash: connectionHash, key, channels, users: PEOPLE, docs: {} }, 200, pageHeaders(c));
  });
  only(app, '/playground/codes.json', 'GET', (c) => {
    demo(c);
    const codes = Object.entries(CODES).map(([code, row]) => {
      const { sentence, meaning, fix, http } = row;
      return { code, sentence, meaning, fix, http };
    });
    return c.json(codes, 200, pageHeaders(c));
  });
  only(app, '/playground/token', 'POST', async (c) => {
    const { config } = demo(c);
    const { user } = await read(c, tokenBody);
    const person = PEOPLE.find((one) => one.user === user);
    if (!person) throw new HttpProblem('not-found', { detail: 'There is no such person here.' });
    const minted = await mintUserToken({ user, extras: person.extras, ttl: TOKEN_TTL }, identityConfig(config), {
      now: clock.now(),
      jti: randomBytes(16).toString('base64url'),
      issuedAfter: latestIssuedBefore(engine.source(config.id).revocations, user),
    });
    if (!minted.ok) throw new HttpProblem(minted.code, { detail: minted.reason });
    return c.json({ token: minted.token, expiresAt: minted.expiresAt }, 200, pageHeaders(c));
  });
  only(app, '/playground/rule', 'POST', async (c) => {
    const shown = demo(c);
    const body = await read(c, ruleBody);
    const { id, history } = shown.config;
    const before = ruleOf(shown, body.template);
    if (before?.origin === 'file') throw new HttpProblem('rule.read-only');
    if (!before && !('reset' in body)) throw new HttpProblem('not-found', { detail: 'The rule is gone; reset it.' });
    const blank: Rule = {
      ...demoRule(body.template, history.max),
      id: before?.id ?? engine.nextId(),
      version: 0,
      origin: 'store',
    };
    const rule = 'changes' in body ? withSwitches(before ?? blank, body.changes) : blank;
    const { epoch } = await engine.commit(id, [{ type: 'rule.put', rule }]);
    await audit(deps, id, 'rule.replaced', { rule: rule.id, target: rule.target });
    return c.json({ rule: { ...rule, version: epoch } }, 200, pageHeaders(c));
  });
  only(app, '/playground/event', 'POST', async (c) => {
    const { config } = demo(c);
    const { channel, data } = await read(c, eventBody);
    if (!TEMPLATE_NAMES.some((name) => channelOf(name) === channel)) {
      throw new HttpProblem('not-found', { detail: 'That is none of the five channels.' });
    }
    const principal = { kind: 'server', name: ACTOR, credentials: [] } as const;
    const sent = await engine.event({ app: config.id, channel, data: JSON.stringify(data), principal });
    if (!sent.ok) throw new HttpProblem(sent.code, { detail: sent.message });
    await audit(deps, config.id, 'event.sent', { channel });
    return c.json({ delivered: sent.delivered, timetoken: String(sent.timetoken) }, 200, pageHeaders(c));
  });
  only(app, '/playground/:file{.+}', 'GET', (c) => {
    demo(c);
    return sendFile(c, deps.files.get(c.req.param('file') ?? ''));
  });
  return app;
}

async function read<S extends v.GenericSchema>(c: HttpContext, schema: S): Promise<v.InferOutput<S>> {
  const result = v.safeParse(schema, await jsonBody(c, MAX_BODY));
  if (result.success) return result.output;
  throw new HttpProblem('request.malformed', { detail: 'The body is not what this call takes.' });
}

async function audit({ store, clock, log }: PlaygroundDeps, app: string, action: string, detail: JsonObject) {
  try {
    await store.audit({ at: clock.now(), app, actor: ACTOR, action, detail });
  } catch (error) {
    log.error('audit.failed', { app, action, error });
  }
}

function sendFile(c: HttpContext, file: StaticFile | undefined): Response {
  if (!file) throw new HttpProblem('not-found', { detail: `There is nothing at ${c.req.path}.` });
  return c.body(file.bytes, 200, { ...pageHeaders(c), 'content-type': file.type });
}

/** Everything from this server alone, and nobody else may frame it. */
function pageHeaders(c: HttpContext): Record<string, string> {
  // The guard has seen to it that this is a host name or address and no more.
  const host = c.req.header('host') ?? '';
  return {
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': [
      "default-src 'self'",
      // Not every browser lets 'self' cover WebSockets.
      `connect-src 'self' ws://${host} wss://${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      "object-src 'none'",
    ].join('; '),
  };
}
