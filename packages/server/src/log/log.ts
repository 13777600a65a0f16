import type { Log } from '@portcullis/engine';
import { type DestinationStream, pino } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Field names that could only hold what must never be logged. Callers do not pass them; this is the second lock on
 * that door.
 */
const SECRET_FIELDS = ['token', 'secret', 'authorization', 'password', 'payload', 'data', 'adminToken'];

export interface AdjustableLog extends Log {
  setLevel(level: LogLevel): void;
}

/** The `Log` port on pino: one JSON object a line, `event` first, times in ISO 8601. */
export function createLog(options: { level: LogLevel; destination?: DestinationStream }): AdjustableLog {
  const settings = {
    level: options.level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[withheld]' },
  };
  const logger = options.destination ? pino(settings, options.destination) : pino(settings);
  const write =
    (level: Exclude<LogLevel, 'silent'>) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      logger[level](fields, event);
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    setLevel: (level) => {
      logger.level = level;
    },
  };
}
