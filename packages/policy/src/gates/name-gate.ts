import type { Code } from '../codes.ts';
import type { Denied } from '../decision.ts';
import { baseOfPresence, parseName } from '../name.ts';
import { parseWildcard } from '../wildcard.ts';
import { deny } from './deny.ts';
import type { Question } from './question.ts';

/** What the request names. */
export interface Named {
  /** The channel the channel gate is asked about; absent where no channel is named. */
  readonly channel?: string;
  /** The name as a resource of a grant. */
  readonly resource: string;
  /** Whether the name was a `-pnpres` one. */
  readonly presence: boolean;
}

const NOTHING: Named = { resource: '', presence: false };

/** Is the name one that this operation can have? */
export function nameGate(question: Question): Named | Denied {
  const { request, row, trace } = question;
  if (row.name === 'none') return NOTHING;
  const raw = request.name ?? '';
  const parsed = read(row.name, raw, question.policy.settings.wildcardDots);
  if ('reason' in parsed) {
    trace?.no('name', 'is the name valid?', parsed.reason);
    const about = row.name === 'user' || row.name === 'group' ? 'request.malformed' : 'channel.bad-name';
    return deny('name', parsed.code ?? about);
  }
  trace?.yes('name', 'is the name valid?', raw);
  if (parsed.presence && !question.policy.settings.features.presence) {
    trace?.no('app', 'does the app offer this?', 'features.presence is off');
    return deny('app', 'operation.not-enabled');
  }
  return parsed;
}

interface Unread {
  readonly reason: string;
  /** Where there is a closer one than that the name is none. */
  readonly code?: Code;
}

function read(kind: Question['row']['name'], raw: string, wildcardDots: number): Named | Unread {
  switch (kind) {
    case 'none':
      return NOTHING;
    case 'channel': {
      const parsed = parseName(raw);
      return parsed.ok ? { channel: raw, resource: raw, presence: false } : parsed;
    }
    case 'user':
      if (raw === '') return { reason: 'a user id has at least one character' };
      if (/\p{Cs}/u.test(raw)) return { reason: 'a user id is well-formed Unicode' };
      return { resource: raw, presence: false };
    default:
      return readTwin(kind, raw, baseOfPresence(raw), wildcardDots);
  }
}

/** A name that may be one of presence events; `base`: of which channel, group or wildcard. */
function readTwin(
  kind: 'presence' | 'member' | 'wildcard' | 'group',
  raw: string,
  base: string | undefined,
  wildcardDots: number,
): Named | Unread {
  switch (kind) {
    case 'presence': {
      if (base === undefined) return { reason: 'a name of presence events ends in -pnpres' };
      const parsed = parseName(base);
      return parsed.ok ? { channel: base, resource: raw, presence: true } : parsed;
    }
    case 'member': {
      const parsed = parseName(base ?? raw);
      return parsed.ok ? { channel: base ?? raw, resource: raw, presence: base !== undefined } : parsed;
    }
    case 'wildcard': {
      const parsed = parseWildcard(base ?? raw, wildcardDots);
      if (parsed.ok) return { resource: raw, presence: base !== undefined };
      return { reason: parsed.reason, ...(parsed.tooManyDots && { code: 'limit.wildcardDots' }) };
    }
    case 'group': {
      const parsed = parseName(base ?? raw);
      return parsed.ok ? { resource: raw, presence: base !== undefined } : parsed;
    }
  }
}
