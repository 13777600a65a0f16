import { utf8Length } from '@portcullis/policy';

/** Whether a text has more bytes than `most` in UTF-8. Counts only where its length alone does not tell. */
export function isLongerThan(most: number, text: string): boolean {
  if (text.length * 3 <= most) return false;
  return text.length > most || utf8Length(text) > most;
}
