import { describe, expect, test } from 'vitest';
import { COMMANDS } from './commands.ts';
import { createWorld } from './io.fixture.ts';

const { run } = createWorld();

test('without a command it lists them and exits with 2; --help does so with 0', async () => {
  const bare = await run([]);
  expect(bare.code).toBe(2);
  for (const name of COMMANDS.keys()) expect(bare.err).toContain(name);
  expect((await run(['--help'])).code).toBe(0);
});

test.each([
  [['serv'], 'portcullis: there is no command "serv", did you mean "serve"?'],
  [['explian'], 'portcullis: there is no command "explian", did you mean "explain"?'],
  [['import', 'xnao'], 'portcullis: there is no command "import xnao", did you mean "import xano"?'],
  [['import'], 'portcullis: there is no command "import", did you mean "import xano"?'],
  [['zzz'], 'portcullis: there is no command "zzz"; portcullis --help lists them'],
  [['serve', '--prot', '1'], 'portcullis serve: there is no --prot, did you mean "--port"?'],
  [['serve', '--port'], 'portcullis serve: --port needs a value'],
  [['serve', '--port', '--host', 'x'], 'portcullis serve: --port needs a value'],
  [['check', '--strict=1'], 'portcullis check: --strict takes no value'],
  [['init', 'x'], 'portcullis init: "x" is one word too many'],
  [['publish', '--data', '1'], 'portcullis publish: --channel is required'],
])('portcullis %j', async (argv, message) => {
  const { code, err, out } = await run(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

describe.each([...COMMANDS])('%s --help', (name, command) => {
  test('shows every option and an example that the command takes', async () => {
    const { code, out } = await run([...name.split(' '), '--help']);
    expect(code).toBe(0);
    for (const option of Object.keys(command.options)) expect(out).toContain(`--${option}`);
    expect(out).toContain(`Example:\n  ${command.example}`);
    expect(command.example).toContain(`portcullis ${name}`);
  });
});
