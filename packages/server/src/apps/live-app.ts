import type { JsonObject } from '@portcullis/policy';
import type { AppConfig } from '../config/index.ts';

/** An app that is served. */
export interface LiveApp {
  readonly config: AppConfig;
  readonly origin: 'file' | 'store';
  /** As it was sent to the management API, secrets included. Absent for apps of the file. */
  readonly settings?: JsonObject;
}
