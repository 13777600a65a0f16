import { lintPatterns, lintRules } from '@portcullis/policy';
import { type AppConfig, appDefinition, formatProblem } from '../config/index.ts';
import { readTls } from '../http/read-tls.ts';
import { CONFIG_OPTION, configFile, loadAtHand } from './at-hand.ts';
import type { Command } from './command.ts';
import { counted } from './counted.ts';

export const check: Command = {
  name: 'check',
  summary:
    'Validate the configuration and the functions of its triggers, and say what in its rules (or in patterns of grants) is probably not meant.',
  options: {
    config: CONFIG_OPTION,
    pattern: { value: 'REGEX', multiple: true, about: 'Patterns of grants to look at as well.' },
    strict: { about: 'Exit with 1 on warnings too.' },
  },
  example: "portcullis check --config portcullis.yaml --pattern 'chat-*'",
  notes: ['Exits with 2 when the configuration is not valid.'],
  async run(args, io) {
    const loaded = loadAtHand(args, io);
    if (!loaded.ok) {
      for (const problem of loaded.problems) io.err(formatProblem(problem));
      return 2;
    }
    // Only here: making functions ready needs their compiler.
    const { functionProblems } = await import('../triggers/function-problems.ts');
    const { apps, base, server } = loaded.config;
    const tls = readTls(server);
    if (!tls.ok) {
      for (const problem of tls.problems) io.err(formatProblem(problem));
      return 2;
    }
    const surroundings = { base, env: io.env };
    const unusable = await Promise.all(
      apps.map((app) => functionProblems({ config: app, origin: 'file' }, surroundings)),
    );
    if (unusable.flat().length > 0) {
      for (const problem of unusable.flat()) io.err(formatProblem(problem));
      return 2;
    }
    const remarks = [
      ...loaded.warnings.map((warning) => `warning: ${formatProblem(warning)}`),
      ...loaded.config.apps.flatMap(lintApp),
      ...lintPatterns(args.all('pattern')).map(
        ({ level, message, pattern }) => `${level}: ${pattern ?? ''}: ${message}`,
      ),
    ];
    for (const remark of remarks) io.out(remark);
    const rules = apps.reduce((sum, { channels }) => sum + channels.length, 0);
    io.out(
      `${configFile(args, io) ?? 'the defaults'}: valid, ${counted(apps.length, 'app')}, ${counted(rules, 'rule')}, ${counted(remarks.length, 'remark')}`,
    );
    return args.has('strict') && remarks.some((remark) => remark.startsWith('warning')) ? 1 : 0;
  },
};

function lintApp(app: AppConfig): string[] {
  return lintRules(appDefinition(app).fileRules).map(({ level, message, rules }) => {
    const place =
      rules === undefined ? `apps.${app.id}` : rules.map((id) => `apps.${app.id}.channels.${id}`).join(', ');
    return `${level}: ${place}: ${message}`;
  });
}
