/**
 * How the vendor's SDKs read a permission token, written from their documented behaviour (`parseToken` of JavaScript,
 * `parse_token` of Python): a CBOR reader of its own, lenient where they are.
 */

type Value = null | boolean | number | string | Uint8Array | Map<string, Value>;

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(): Value {
    const head = this.#take(1)[0] ?? 0;
    const major = head >> 5;
    if (major === 7) return this.#simple(head & 31);
    const count = this.#count(head & 31);
    if (major === 0) return count;
    if (major === 1) return -1 - count;
    if (major === 2) return this.#take(count);
    if (major === 3) return new TextDecoder().decode(this.#take(count));
    if (major === 5) return this.#map(count);
    throw new Error(`major type ${major}`);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #map(count: number): Map<string, Value> {
    const map = new Map<string, Value>();
    for (let i = 0; i < count; i++) {
      const key = this.value();
      map.set(key instanceof Uint8Array ? new TextDecoder().decode(key) : String(key), this.value());
    }
    return map;
  }

  #simple(info: number): Value {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    const size = info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
    const bytes = this.#take(size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    if (size === 4) return view.getFloat32(0);
    if (size === 8) return view.getFloat64(0);
    if (size === 2) return half(view.getUint16(0));
    throw new Error(`simple value ${info}`);
  }

  #count(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new Error('indefinite length');
    return this.#take(2 ** (info - 24)).reduce((count, byte) => count * 256 + byte, 0);
  }

  #take(size: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    if (taken.length < size) throw new Error('cut short');
    this.#at += size;
    return taken;
  }
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits >> 15 === 1 ? -size : size;
}

export interface VendorGrant {
  readonly version: Value | undefined;
  readonly timestamp: Value | undefined;
  readonly ttl: Value | undefined;
  readonly authorized_uuid: Value | undefined;
  readonly signature: Value | undefined;
  readonly meta: Value | undefined;
  readonly resources: VendorSections;
  readonly patterns: VendorSections;
}
type Rights = { readonly [right: string]: boolean };
type VendorSections = { readonly [section: string]: ReadonlyMap<string, Rights> };

/** JavaScript: either alphabet, padding optional; throws where `res` or `pat` lacks `chan` or `grp`. */
export function parseAsJavaScript(token: string): VendorGrant {
  const map = read(Buffer.from(token, 'base64url'));
  for (const table of ['res', 'pat']) {
    for (const section of ['chan', 'grp']) {
      if (sectionOf(map, table, section) === undefined)
        throw new TypeError('Cannot convert undefined or null to object');
    }
  }
  return describe(map);
}

/** Python: raises without padding, and keys have to be decodable as byte strings. */
export function parseAsPython(token: string): VendorGrant {
  if (token.length % 4 !== 0) throw new Error('Incorrect padding');
  return describe(read(Buffer.from(token, 'base64url')));
}

function read(bytes: Uint8Array): Map<string, Value> {
  const reader = new Reader(bytes);
  const map = reader.value();
  if (!(map instanceof Map) || !reader.atEnd) throw new Error('not one map');
  return map;
}

function describe(map: Map<string, Value>): VendorGrant {
  return {
    version: map.get('v'),
    timestamp: map.get('t'),
    ttl: map.get('ttl'),
    authorized_uuid: map.get('uuid'),
    signature: map.get('sig'),
    meta: map.get('meta'),
    resources: sections(map, 'res'),
    patterns: sections(map, 'pat'),
  };
}

function sectionOf(map: Map<string, Value>, table: string, section: string): Map<string, Value> | undefined {
  const found = map.get(table);
  const inner = found instanceof Map ? found.get(section) : undefined;
  return inner instanceof Map ? inner : undefined;
}

function sections(map: Map<string, Value>, table: string): VendorSections {
  const sectionRights = (section: string): ReadonlyMap<string, Rights> =>
    new Map([...(sectionOf(map, table, section) ?? [])].map(([name, mask]) => [name, rights(Number(mask))]));
  return { channels: sectionRights('chan'), groups: sectionRights('grp'), uuids: sectionRights('uuid') };
}

const rights = (mask: number): Rights => ({
  read: (mask & 1) === 1,
  write: (mask & 2) === 2,
  manage: (mask & 4) === 4,
  delete: (mask & 8) === 8,
  get: (mask & 32) === 32,
  update: (mask & 64) === 64,
  join: (mask & 128) === 128,
});
