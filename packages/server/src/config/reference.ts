import { PREFIX, spell } from './env.ts';
import { rootSchema } from './schema/root.ts';
import { type Key, type Section, type Shape, shapeOf } from './shape.ts';

const INTRODUCTION = `# Configuration

<!-- Written from the schema by scripts/generate-config-docs.mjs: change packages/server/src/config/schema instead. -->

\`portcullis serve\` reads \`--config FILE\`, or \`PORTCULLIS_CONFIG\`, or \`portcullis.yaml\` in the working directory. The file is
YAML 1.2. \`portcullis init\` writes one with comments, \`portcullis check\` says what is wrong with one.

- **Precedence**: flag, environment, file, default.
- **Environment**: every key is also a variable, as listed below. Items of a list are named by their \`id\` in upper case
  (\`PORTCULLIS_APPS_DEMO_KEYS_SECRET\`), rules by their number from 1. Lists and sections are given as YAML or JSON. A variable
  with the prefix \`PORTCULLIS_\` that is no key is an error, except those that Kubernetes sets for a service of that name.
- **\`\${NAME}\`** inside a string is replaced by that variable, which has to be set and not empty. \`$\${NAME}\` is the text \`\${NAME}\`.
- **Unknown keys** are errors. A bad configuration exits with 2 and one line per problem.
- **Switches** take \`on\`, \`off\`, \`true\` and \`false\`; **durations** \`250ms\`, \`30s\`, \`15m\`, \`1h30m\`; **sizes** \`32KiB\`, \`1MiB\` or bytes.
- **Secrets** under 32 characters, or from our examples, are a warning while \`server.host\` is a loopback address and an error otherwise.
- The file is read again on SIGHUP; what changed takes effect on live connections.
`;

/** `docs/configuration.md`: every key with its default, from the schema. */
export function configurationReference(): string {
  const lines = [INTRODUCTION];
  const root = shapeOf(rootSchema);
  if (root.kind === 'section') writeSection(lines, '', root, '', PREFIX.slice(0, -1));
  return `${lines.join('\n').trimEnd()}\n`;
}

function writeSection(lines: string[], title: string, section: Section, doc: string, variable: string): void {
  if (title !== '') lines.push(`## \`${title}\``, '', doc, '');
  else lines.push('## At the top', '');
  if (section.short !== undefined && section.short.standsFor === undefined)
    lines.push(`Either ${section.short.shape}:`, '');
  lines.push('| key | value | default | |', '|---|---|---|---|');
  const deeper: [string, Key, Section, string][] = [];
  for (const [name, key] of section.keys) {
    const inner = sectionIn(key.shape);
    const path = title === '' ? name : `${title}.${name}`;
    const spelt = `${variable}_${spell(name)}`;
    if (inner === undefined || isSwitch(key.shape)) lines.push(row(name, key));
    else {
      const isList = key.shape.kind === 'list';
      deeper.push([
        isList ? `${path}[]` : path,
        key,
        inner,
        isList ? `${spelt}_${name === 'apps' ? '<ID>' : '<N>'}` : spelt,
      ]);
      lines.push(
        `| \`${name}\` | ${isList ? 'list' : 'section'} | ${key.fallback} | ${key.doc} See [below](#${anchor(isList ? `${path}[]` : path)}). |`,
      );
    }
  }
  lines.push('', `Environment: \`${variable}_…\`${example(section, variable)}`);
  if (section.later.length > 0)
    lines.push('', `Not offered in this version: ${section.later.map((key) => `\`${key}\``).join(', ')}.`);
  lines.push('');
  for (const [path, key, inner, spelt] of deeper) writeSection(lines, path, inner, key.doc, spelt);
}

function row(name: string, { shape, doc, fallback }: Key): string {
  return `| \`${name}\` | ${shapeText(shape)} | ${fallback} | ${doc} |`;
}

function shapeText(shape: Shape): string {
  if (shape.kind === 'leaf') return shape.shape;
  if (shape.kind === 'list') return `list of ${shapeText(shape.item)}`;
  return shape.short?.shape ?? 'section';
}

/** A switch with a long form is one row: its section is not worth a chapter. */
function isSwitch(shape: Shape): boolean {
  return shape.kind === 'section' && shape.short?.standsFor !== undefined;
}

function sectionIn(shape: Shape): Section | undefined {
  if (shape.kind === 'section') return shape;
  return shape.kind === 'list' ? sectionIn(shape.item) : undefined;
}

function example(section: Section, variable: string): string {
  const [name] = [...section.keys].find(([, { shape }]) => shape.kind === 'leaf') ?? [];
  return name === undefined ? '.' : `, for instance \`${variable}_${spell(name)}\`.`;
}

function anchor(path: string): string {
  return path.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '');
}
