import type { LiveApp } from '../apps/live-app.ts';
import { isLoopback, type ServerSettings } from '../config/index.ts';
import { isPlayground } from './demo.ts';

/**
 * The origins that the playground has for a browser, none where there is no playground: `server.origins` names the pages
 * of others, and a page that this server offers must be able to reach it. `url`: where the server listens.
 */
export function playgroundOrigins(apps: readonly LiveApp[], server: ServerSettings, url: string): readonly string[] {
  if (!apps.some((app) => isPlayground(app, server))) return [];
  const here = new URL(url);
  const names = [url, ...(isLoopback(here.hostname) ? [`${here.protocol}//localhost:${here.port}`] : [])];
  return [...names, ...(server.publicUrl === undefined ? [] : [server.publicUrl])].map((name) => new URL(name).origin);
}
