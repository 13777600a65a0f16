import * as v from 'valibot';

/** What the reference page says of a key. */
export interface KeyNotes {
  readonly doc: string;
  /** The default as an operator would write it, or what holds without the key. */
  readonly fallback: string;
}

/** What a section knows beyond its keys. */
export interface SectionNotes {
  /** Keys of the contract that this version does not act on. */
  readonly later?: readonly string[];
}

/** A section that may also be given as one plain value. */
export interface ShortNotes {
  readonly section: v.GenericSchema;
  /** What may be written instead, for the reference. */
  readonly shape: string;
  /** The key of the section that the plain value stands for; absent when it replaces the whole. */
  readonly standsFor?: string;
}

type Fallback = string | number | boolean | readonly string[];

/** A key with a default, in the form in which an operator would write it. */
export function key<S extends v.GenericSchema>(schema: S, fallback: Fallback, doc: string) {
  const notes: KeyNotes = {
    doc,
    fallback: `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``,
  };
  return v.pipe(
    v.optional(schema, () => fallback as v.InferInput<S>),
    v.metadata({ ...notes }),
  );
}

/** A key that may be left out; `fallback` says in words what then holds. */
export function optionalKey<S extends v.GenericSchema>(schema: S, doc: string, fallback = 'none') {
  const notes: KeyNotes = { doc, fallback };
  return v.pipe(v.exactOptional(schema), v.metadata({ ...notes }));
}

export function requiredKey<S extends v.GenericSchema>(schema: S, doc: string) {
  const notes: KeyNotes = { doc, fallback: 'required' };
  return v.pipe(schema, v.metadata({ ...notes }));
}

/** A section whose keys all have defaults; it may be left out or left empty. */
export function sectionKey<S extends v.GenericSchema>(schema: S, doc: string) {
  const notes: KeyNotes = { doc, fallback: '' };
  return v.pipe(
    v.nullish(schema, () => ({}) as v.InferInput<S>),
    v.metadata({ ...notes }),
  );
}

/** A list; left out or left empty it has no items. */
export function listKey<S extends v.GenericSchema>(item: S, doc: string) {
  const notes: KeyNotes = { doc, fallback: '`[]`' };
  const list = v.array(item);
  return v.pipe(
    v.nullish(list, () => [] as v.InferInput<typeof list>),
    v.metadata({ ...notes }),
  );
}

/** A section that takes a plain value as well: `access: open`, `publicMessaging: true`. */
export function shortOr<P extends v.GenericSchema, S extends v.GenericSchema>(
  plain: P,
  section: S,
  notes: Omit<ShortNotes, 'section'>,
) {
  const either = v.lazy((input): P | S => (isRecord(input) ? section : plain));
  return v.pipe(either, v.metadata({ ...notes, section }));
}

export function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
