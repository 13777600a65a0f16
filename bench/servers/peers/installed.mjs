import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

/** What a program says of itself, in one line. */
export function said(command, args) {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return error === undefined ? `${stdout}${stderr}`.trim().split('\n')[0] : undefined;
}

/** Why a peer cannot be measured, or nothing. */
export const installed = (command, args) =>
  said(command, args) === undefined ? `${command} is not installed` : undefined;

/** The version of a package of npm. */
export function versionOf(name) {
  const require = createRequire(import.meta.url);
  return `${name} ${require(`${name}/package.json`).version}`;
}
