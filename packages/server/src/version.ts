import { createRequire } from 'node:module';
import * as v from 'valibot';

const manifest: unknown = createRequire(import.meta.url)('../package.json');

/** This package's version. */
export const VERSION = v.parse(v.object({ version: v.string() }), manifest).version;
