import { CODES, type Code, type CodeRow, type SeenBy } from '../codes.ts';

const SEEN_BY: { readonly [who in SeenBy]: string } = {
  both: 'client and operator',
  client: 'client',
  operator: 'operator',
};

/** `docs/codes.md`, written from the table. */
export function codesPage(): string {
  const codes = Object.keys(CODES) as Code[];
  const families = [...new Set(codes.map(familyOf))];
  return `# Codes

Every refusal and every error has one of these codes. They are versioned as API: codes are added, never renamed. This
page is written from the table itself (\`packages/policy/src/codes.ts\`); run \`node scripts/generate-policy-docs.mjs\`
after changing it.

Where a code appears: in the \`code\` of an \`error\` frame's payload for clients of the Xano SDK; in the header
\`X-Portcullis-Code\`, and the \`code\` field of object bodies, for clients of the PubNub SDKs; in the \`code\` of problem
details in the management API; in logs, metrics and the audit trail.

What a client may not know looks the same either way. With \`access.explainToClients: short\`, the default beyond
loopback, a client that is not admitted to a channel is told \`channel.not-available\`, whether there is such a channel or
not; \`full\`, the default on loopback, tells the exact code. Operators see the exact code and every step:
\`portcullis explain\`.

${families
  .map((family) =>
    section(
      family,
      codes.filter((code) => familyOf(code) === family),
    ),
  )
  .join('\n')}`;
}

const familyOf = (code: Code): string => code.split('.')[0] ?? code;

function section(family: string, codes: readonly Code[]): string {
  const rows = codes.map((code) => rowOf(code, CODES[code]));
  return `## ${family}

| code | means | nearest fix | HTTP | seen by | sentence |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

const rowOf = (code: Code, { meaning, fix, http, seenBy, sentence }: CodeRow): string =>
  `| \`${code}\` | ${meaning} | ${fix} | ${http} | ${SEEN_BY[seenBy]} | ${sentence} |`;
