import { SILENT_LOG } from '@portcullis/engine';
import { identityConfig } from '../apps/identities.ts';
import type { AppConfig, ServerConfig } from '../config/index.ts';
import { type Identified, Identifier } from '../identity/index.ts';
import { NodeClock } from '../node-ports/clock.ts';
import type { Io } from './io.ts';

/** Whom a token proves in an app, as its doors would see it. Key sets are fetched from their issuers if the app has any. */
export async function identify(token: string, app: AppConfig, config: ServerConfig, io: Io): Promise<Identified> {
  const identifier = new Identifier(identityConfig(app), {
    clock: new NodeClock(() => io.now()),
    log: SILENT_LOG,
    outbound: config.server.outbound,
  });
  try {
    if (app.identity.jwt.some(({ kind }) => kind === 'jwks')) await identifier.start();
    return await identifier.identify({ token }, io.now());
  } finally {
    identifier.close();
  }
}
