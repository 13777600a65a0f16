import type { Action, Publication } from '@portcullis/engine';
import { publisherOf } from '../messaging/envelope.ts';
import { objectText } from '../messaging/json-text.ts';

export interface Wanted {
  readonly meta: boolean;
  readonly uuid: boolean;
  readonly type: boolean;
  readonly customType: boolean;
}

/** One item of fetch v3. The payload's text goes out as it was published. */
export function itemText(item: Publication, wanted: Wanted, actions: readonly Action[] = []): string {
  const { data, timetoken, meta, sender, kind, customType } = item;
  const fields = [
    `"message":${data}`,
    `"timetoken":"${timetoken}"`,
    ...(wanted.meta ? [`"meta":${meta ?? '""'}`] : []),
    ...(wanted.uuid ? [`"uuid":${JSON.stringify(publisherOf(sender))}`] : []),
    ...(wanted.type ? [`"message_type":${kind === 'file' ? 4 : null}`] : []),
    ...(wanted.customType && customType !== undefined ? [`"custom_message_type":${JSON.stringify(customType)}`] : []),
    ...(actions.length > 0 ? [`"actions":${actionsText(actions)}`] : []),
  ];
  return `{${fields.join(',')}}`;
}

/** `{"<type>":{"<value>":[{"uuid","actionTimetoken"}]}}`: types and values are strangers' words. */
function actionsText(actions: readonly Action[]): string {
  const types = new Map<string, Map<string, string[]>>();
  for (const { type, value, user, timetoken } of actions) {
    const values = types.get(type) ?? new Map<string, string[]>();
    const said = values.get(value) ?? [];
    types.set(type, values.set(value, said));
    said.push(`{"uuid":${JSON.stringify(user)},"actionTimetoken":"${timetoken}"}`);
  }
  return objectText(
    [...types].map(([type, values]) => [
      type,
      objectText([...values].map(([value, said]) => [value, `[${said.join(',')}]`])),
    ]),
  );
}
