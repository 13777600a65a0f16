import { defineTrigger } from '@portcullis/triggers-kit';
import { words } from './words.ts';

interface Said {
  readonly text: string;
}

/** Masks words, and tells the moderators who used them. Whatever else is sent passes as it is. */
export default defineTrigger<Said>(({ action, channel, principal, payload }, { publish }) => {
  if (action === 'join' || typeof payload?.text !== 'string') return undefined;
  const text = words.reduce((rest, word) => rest.replaceAll(new RegExp(`\\b${word}\\b`, 'gi'), '****'), payload.text);
  if (text === payload.text) return { allow: true };
  publish('moderators', { text: `${principal.user || 'somebody'} swore in ${channel}` });
  return { allow: true, payload: { ...payload, text } };
});
