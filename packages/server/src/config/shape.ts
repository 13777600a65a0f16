import * as v from 'valibot';
import type { KeyNotes, SectionNotes, ShortNotes } from './section.ts';

/** What a schema looks like from outside: for unknown keys, for environment variables and for the reference. */
export type Shape = Section | List | Leaf;

export interface Section {
  readonly kind: 'section';
  readonly keys: ReadonlyMap<string, Key>;
  readonly later: readonly string[];
  /** A plain value may be given instead. */
  readonly short?: { readonly shape: string; readonly standsFor?: string };
}

export interface List {
  readonly kind: 'list';
  readonly item: Shape;
}

export interface Leaf {
  readonly kind: 'leaf';
  readonly shape: string;
}

export interface Key {
  readonly shape: Shape;
  readonly doc: string;
  readonly fallback: string;
}

interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
}
type Notes = Partial<KeyNotes & SectionNotes & ShortNotes>;

export function shapeOf(schema: v.GenericSchema): Shape {
  return look(schema as Schema);
}

function look(schema: Schema): Shape {
  if (schema.wrapped !== undefined) return look(schema.wrapped);
  const notes = notesOf(schema);
  if (notes.section !== undefined) {
    const inner = shapeOf(notes.section);
    if (inner.kind !== 'section') throw new Error('a short form stands for a section');
    const standsFor = notes.standsFor === undefined ? {} : { standsFor: notes.standsFor };
    return { ...inner, short: { shape: notes.shape ?? '', ...standsFor } };
  }
  if (schema.item !== undefined) return { kind: 'list', item: look(schema.item) };
  if (schema.entries === undefined) return { kind: 'leaf', shape: notes.shape ?? '' };
  const keys = new Map<string, Key>();
  for (const [name, entry] of Object.entries(schema.entries)) {
    const { doc = '', fallback = '' } = notesOf(entry);
    keys.set(name, { shape: look(entry), doc, fallback });
  }
  return { kind: 'section', keys, later: notes.later ?? [] };
}

function notesOf(schema: Schema): Notes {
  return v.getMetadata(schema as unknown as v.GenericSchema);
}
