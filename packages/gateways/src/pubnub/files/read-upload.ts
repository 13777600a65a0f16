import { boundaryOf, MultipartError, MultipartReader } from './multipart.ts';

export interface UploadForm {
  /** The fields before the file, by name. */
  readonly fields: ReadonlyMap<string, string>;
  /** Its bytes as they come. A form that breaks off fails with a `MultipartError`. */
  readonly file: AsyncIterable<Uint8Array>;
}

/** Form fields that are read. */
const FIELDS_MAX = 50;

/** Reads a form up to its part `file`. Everything before it has at most `most` bytes. */
export async function readUpload(
  contentType: string,
  chunks: AsyncIterable<Uint8Array>,
  most: number,
): Promise<UploadForm> {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) throw new MultipartError('it is no multipart/form-data with a boundary');
  const reader = new MultipartReader(chunks, boundary);
  const fields = new Map<string, string>();
  let bytes = 0;
  for (;;) {
    const part = await reader.next();
    if (part === undefined) throw new MultipartError('there is no part file');
    if (part.name === 'file') return { fields, file: part.content };
    const held: Uint8Array[] = [];
    for await (const chunk of part.content) {
      bytes += chunk.byteLength;
      if (bytes > most) throw new MultipartError('the fields are too long');
      held.push(chunk);
    }
    if (fields.size >= FIELDS_MAX || fields.has(part.name)) throw new MultipartError('there are too many fields');
    fields.set(part.name, Buffer.concat(held).toString());
  }
}
