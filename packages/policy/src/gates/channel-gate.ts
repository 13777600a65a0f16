import type { SendTarget } from '../audience.ts';
import type { Denied } from '../decision.ts';
import type { Rule } from '../rule.ts';
import { addressed, addressedInHistory } from './addressed.ts';
import { countsAsAuthenticated } from './authenticated.ts';
import { deny, denyByRule } from './deny.ts';
import type { Named } from './name-gate.ts';
import { channelNeed } from './needs.ts';
import { ownGate } from './own-gate.ts';
import type { Question } from './question.ts';
import { route } from './sending.ts';

export type ChannelAnswer =
  | { readonly ok: true; readonly rule?: Rule; readonly target?: SendTarget }
  | { readonly ok: false; readonly denied: Denied };

const PASSED: ChannelAnswer = { ok: true };

/** May this kind of client ever do this here? With rules off, every name is under the app's open rule. */
export function channelGate(question: Question, named: Named): ChannelAnswer {
  const need = channelNeed(question, named);
  if (need === 'none') {
    question.trace?.skipped('channel', 'does a rule allow it?', 'the operation needs no rule');
    return PASSED;
  }
  const denied = ownGate(question, need);
  if (denied !== undefined) return { ok: false, denied };
  return named.channel === undefined ? PASSED : askRule(question, need, named.channel);
}

function askRule(question: Question, need: ReturnType<typeof channelNeed>, channel: string): ChannelAnswer {
  const { request, policy, trace } = question;
  const rule = policy.compiled.ruleFor(channel);
  if (rule === undefined) {
    trace?.no('channel', 'does a rule apply?', `no enabled rule matches ${channel}`);
    return { ok: false, denied: deny('channel', 'channel.no-rule') };
  }
  trace?.yes('channel', 'does a rule apply?', describe(rule));
  const authenticated = countsAsAuthenticated(request.principal, policy.settings);
  if (!authenticated && !rule.anonymousClients) {
    trace?.no('channel', 'may this client join?', 'it is anonymous, and anonymousClients is off');
    return { ok: false, denied: denyByRule(rule, 'channel.anonymous-not-allowed') };
  }
  trace?.yes('channel', 'may this client join?', authenticated ? 'it is authenticated' : 'anonymousClients is on');
  if (needsJoined(need) && request.joined === false) {
    trace?.no('channel', 'has it joined?', 'the session is not joined to the channel');
    return { ok: false, denied: denyByRule(rule, 'channel.not-joined') };
  }
  if (!holdsAsker(question, authenticated)) {
    trace?.no('channel', 'was the item addressed to it?', `to ${request.audience?.to ?? 'nobody'}`);
    return { ok: false, denied: denyByRule(rule, 'channel.not-addressed') };
  }
  return askSwitch(question, need, rule, authenticated);
}

function askSwitch(
  question: Question,
  need: ReturnType<typeof channelNeed>,
  rule: Rule,
  authenticated: boolean,
): ChannelAnswer {
  const { request, trace } = question;
  if (need === 'send') {
    const routed = route(request.target, rule, authenticated);
    if (routed.ok) {
      trace?.yes('channel', 'does the switch of the audience allow it?', `it goes to ${routed.target.to}`);
      return { ok: true, rule, target: routed.target };
    }
    trace?.no('channel', 'does the switch of the audience allow it?', routed.code);
    return { ok: false, denied: denyByRule(rule, routed.code) };
  }
  return askReading(question, need, rule, authenticated);
}

/** What is read, or asked of a channel, rather than said in it. */
function askReading(
  { request, policy, trace }: Question,
  need: Exclude<ReturnType<typeof channelNeed>, 'send'>,
  rule: Rule,
  authenticated: boolean,
): ChannelAnswer {
  const refuse = (code: Denied['code'], question: string, detail: string): ChannelAnswer => {
    trace?.no('channel', question, detail);
    return { ok: false, denied: denyByRule(rule, code) };
  };
  const reader = { principal: request.principal, authenticated, session: request.session };
  switch (need) {
    case 'presence':
      if (!rule.presence) return refuse('channel.presence-off', 'is presence on?', 'presence is off');
      trace?.yes('channel', 'is presence on?', 'presence is on');
      return { ok: true, rule };
    case 'history':
    case 'item': {
      if (rule.history <= 0) return refuse('channel.history-off', 'is history kept?', 'history is 0');
      trace?.yes('channel', 'is history kept?', `the newest ${rule.history}`);
      if (need === 'history') return { ok: true, rule };
      const { audience } = request;
      if (audience !== undefined && addressedInHistory(audience, reader, policy.settings.historyWiden)) {
        return { ok: true, rule };
      }
      return refuse('channel.not-addressed', 'was the item addressed to it?', `to ${audience?.to ?? 'nobody'}`);
    }
    case 'receive': {
      const { audience } = request;
      if (audience !== undefined && addressed(audience, reader)) return { ok: true, rule };
      return refuse('channel.not-addressed', 'was the item addressed to it?', `to ${audience?.to ?? 'nobody'}`);
    }
    case 'none':
    case 'join':
    case 'no-switch':
    case 'own':
    case 'server':
      return { ok: true, rule };
  }
}

/** What is done to a stored item is done by those alone whom the item is for. */
export function holdsAsker({ request, row, policy }: Question, authenticated: boolean): boolean {
  const { audience, principal, session } = request;
  if (!row.ofItem || audience === undefined) return true;
  return addressedInHistory(audience, { principal, authenticated, session }, policy.settings.historyWiden);
}

const needsJoined = (need: ReturnType<typeof channelNeed>): boolean =>
  need === 'send' || need === 'presence' || need === 'receive';

function describe(rule: Rule): string {
  return rule.id === 0 ? 'rules are off: every name is open' : `rule ${rule.id}: ${rule.target}`;
}
