import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OtherSdk } from './person.fixture.ts';

const here = import.meta.dirname;
const venv = join(here, 'python/.venv/bin/python');
const python = process.env.PUBNUB_PYTHON ?? venv;

export const PYTHON: OtherSdk = {
  name: 'Python',
  missing: existsSync(python)
    ? null
    : 'no PubNub SDK for Python on this machine: see conformance/other-sdks/README.md, or set PUBNUB_PYTHON',
  command: [python, join(here, 'python/person.py')],
  // Its own listener for these asks for attributes that its subscriptions do not have: after the first its thread ends.
  without: ['object events'],
};

const built = process.env.PUBNUB_GO ?? join(here, 'go/.build/person');

export const GO: OtherSdk = {
  name: 'Go',
  missing: existsSync(built)
    ? null
    : 'no program with the PubNub SDK for Go: see conformance/other-sdks/README.md, or set PUBNUB_GO',
  command: [built],
  // It is of a time before these.
  without: ['message types', 'compression', 'deleting with a token'],
};

export const SDKS: readonly OtherSdk[] = [PYTHON, GO];
