import { MemoryBytes } from '@portcullis/engine';
import { ANONYMOUS, type Principal } from '@portcullis/policy';
import { describe, expect, it } from 'vitest';
import { bearer, Desk, type DeskOptions, GRANTS, proven, RULES, ruleOf, SERVER, stated } from '../ask/desk.fixture.ts';
import type { Answer } from '../http/call.ts';
import { endpoints as storage } from '../storage/index.ts';
import { fileKey } from './file-key.ts';
import { endpoints as files, sweepFiles } from './index.ts';

const endpoints = [...files, ...storage];
const BASE = '/v1/files/sub/channels/ch';
const UPLOAD = '/v1/files/sub/upload';
const ann = proven('ann');

interface Form {
  readonly id: string;
  readonly name: string;
  readonly fields: readonly { readonly key: string; readonly value: string }[];
}

async function opened(options: DeskOptions = {}) {
  const bytes = new MemoryBytes();
  return { desk: await Desk.open(endpoints, { files: bytes, ...options }), bytes };
}

async function askForm(desk: Desk, name = 'cat.png', as: Principal = ann): Promise<Form> {
  const told = await desk.call('POST', `${BASE}/generate-upload-url`, { as, body: JSON.stringify({ name }) });
  if (told.status !== 200) throw new Error(told.text);
  const { data, file_upload_request: form } = JSON.parse(told.text);
  return { ...data, fields: form.form_fields };
}

function fill(fields: Form['fields'], content: string | Buffer = 'PNG'): Buffer[] {
  const parts = fields.map(
    ({ key, value }) => `--B\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  const file = '--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: text/html\r\n\r\n';
  return [Buffer.from(parts.join('') + file), Buffer.from(content), Buffer.from('\r\n--B--\r\n')];
}

const send = (desk: Desk, bytes: readonly Buffer[]) =>
  desk.call('POST', UPLOAD, { bytes, headers: { 'content-type': 'multipart/form-data; boundary=B' } });

async function uploaded(
  desk: Desk,
  name = 'cat.png',
  content: string | Buffer = 'PNG',
  as: Principal = ann,
): Promise<Form> {
  const form = await askForm(desk, name, as);
  const told = await send(desk, fill(form.fields, content));
  if (told.status !== 204) throw new Error(told.text);
  return form;
}

async function bytesOf(answer: Answer): Promise<string> {
  const held: Uint8Array[] = [];
  for await (const chunk of answer.stream?.chunks ?? []) held.push(chunk);
  return Buffer.concat(held).toString();
}

const pathOf = ({ id, name }: Form): string => `${BASE}/files/${id}/${encodeURIComponent(name)}`;
const linkTo = (desk: Desk, form: Form, as: Principal = ann) => desk.get(pathOf(form), as);
const pathOfLink = (headers: Readonly<Record<string, string>>): string => new URL(headers.Location ?? '').pathname;

describe('files of an app in all', () => {
  it('are so many, forms given out among them', async () => {
    const { desk } = await opened({ settings: { filesPerApp: 2 } });
    const first = await uploaded(desk);
    const form = await askForm(desk, 'dog.png');
    const more = { as: ann, body: '{"name":"cow.png"}' };
    const told = await desk.call('POST', '/v1/files/sub/channels/other/generate-upload-url', more);
    expect([told.status, told.headers['X-Portcullis-Code']]).toEqual([400, 'limit.filesPerApp']);
    expect((await send(desk, fill(form.fields))).status).toBe(204);
    await desk.call('DELETE', pathOf(first), { as: ann });
    await uploaded(desk, 'cow.png');
  });

  it('have so many bytes: what would go over is not kept', async () => {
    const { desk, bytes } = await opened({ settings: { filesBytes: 10 } });
    const first = await uploaded(desk, 'a.txt', '123456');
    const form = await askForm(desk, 'b.txt');
    const told = await send(desk, fill(form.fields, '12345'));
    expect(told).toMatchObject({ status: 400, type: 'xml', headers: { 'X-Portcullis-Code': 'limit.filesBytes' } });
    expect(await bytes.get(fileKey('a', { channel: 'ch', id: form.id, name: form.name }))).toBeNull();
    await uploaded(desk, 'c.txt', '1234');
    const refused = await desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body: '{"name":"d"}' });
    expect([refused.status, refused.headers['X-Portcullis-Code']]).toEqual([400, 'limit.filesBytes']);
    await desk.call('DELETE', pathOf(first), { as: ann });
    await uploaded(desk, 'd.txt', '123456');
  });
});

describe('however many come at once', () => {
  it('no more forms are given out than there may be files', async () => {
    const { desk } = await opened({ settings: { filesPerApp: 5 } });
    const asked = Array.from({ length: 20 }, (_, n) =>
      desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body: `{"name":"${n}"}` }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect((await desk.store.fileTotals('a')).count).toBe(5);
  });

  it('no more bytes are kept than there may be, and what is refused gives its room back', async () => {
    const { desk } = await opened({ settings: { filesBytes: 100 } });
    const forms: Form[] = [];
    for (let n = 0; n < 30; n += 1) forms.push(await askForm(desk, `${n}.txt`));
    const sent = await Promise.all(forms.map(({ fields }) => send(desk, fill(fields, '1234567890'))));
    const kept = sent.filter(({ status }) => status === 204).length;
    expect(await desk.store.fileTotals('a')).toEqual({ count: 30, bytes: kept * 10 });
    expect(kept).toBe(10);
    await desk.call('DELETE', pathOf(forms[sent.findIndex(({ status }) => status === 204)] as Form), { as: ann });
    await uploaded(desk, 'last.txt', '1234567890');
    const { status } = await desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body: '{"name":"more"}' });
    expect(status).toBe(400);
  });

  it('what fails meanwhile gives its room back', async () => {
    const { desk } = await opened({ settings: { filesPerApp: 1 } });
    const { fileTotals } = desk.store;
    Object.assign(desk.store, { fileTotals: () => Promise.reject(new Error('no answer')) });
    await desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body: '{"name":"a"}' }).catch(() => {});
    Object.assign(desk.store, { fileTotals });
    await uploaded(desk);
  });
});

describe('sending a file', () => {
  it('begins with a form, as the vendor gives one', async () => {
    const { desk } = await opened();
    const told = await desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body: '{"name":"cat.png"}' });
    expect(told).toMatchObject({ status: 200, type: 'json' });
    const parsed = JSON.parse(told.text);
    const { id } = parsed.data;
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parsed).toEqual({
      status: 200,
      data: { id, name: 'cat.png' },
      file_upload_request: {
        url: 'http://host:7070/v1/files/sub/upload',
        method: 'POST',
        expiration_date: '2023-11-14T22:14:20Z',
        form_fields: [
          { key: 'key', value: `${id}/cat.png` },
          { key: 'Content-Type', value: 'image/png' },
          { key: 'X-Portcullis-Pass', value: expect.stringMatching(/^[A-Za-z0-9_-]+$/) },
        ],
      },
    });
  });

  it('goes on with the upload, is told on the channel, kept in history, listed, and led to by a link', async () => {
    const { desk } = await opened();
    const form = await uploaded(desk);
    const message = JSON.stringify({ file: { name: form.name, id: form.id }, message: { text: 'look' } });
    const path = `/v1/files/publish-file/pub/sub/0/ch/0/${encodeURIComponent(message)}?store=1`;
    const heard = await desk.heard(['ch'], async () => {
      expect((await desk.get(path, ann)).text).toMatch(/^\[1,"Sent","\d{17}"\]$/);
    });
    expect(heard).toEqual([{ kind: 'file', channel: 'ch', to: 'everyone', by: 'ann', data: JSON.parse(message) }]);
    expect((await desk.get('/v3/history/sub-key/sub/channel/ch?include_message_type=true')).text).toContain(
      `{"message":${message},"timetoken":`,
    );
    expect((await desk.get(`${BASE}/files`, ann)).text).toBe(
      `{"status":200,"data":[{"name":"cat.png","id":"${form.id}","size":3,"created":"2023-11-14T22:13:20Z"}],"next":null,"count":1}`,
    );
    const led = await linkTo(desk, form);
    expect(led).toMatchObject({ status: 307, headers: { 'Cache-Control': 'private, no-store' } });
    expect(led.headers.Location).toMatch(/^http:\/\/host:7070\/v1\/files\/sub\/link\/[A-Za-z0-9_-]+$/);
    const answer = await desk.answer('GET', pathOfLink(led.headers));
    expect(answer).toMatchObject({
      status: 200,
      type: 'image/png',
      stream: { size: 3 },
      headers: {
        'Cache-Control': 'private, no-store',
        'Content-Disposition': "attachment; filename*=UTF-8''cat.png",
        'Content-Security-Policy': "sandbox; default-src 'none'",
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
      },
    });
    expect(await bytesOf(answer)).toBe('PNG');
  });

  it.each([
    ['image/svg+xml', 'application/octet-stream'],
    ['text/html', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/javascript', 'application/octet-stream'],
    ['text/xml', 'application/octet-stream'],
    ['image/png\r\nX-Evil: 1', 'application/octet-stream'],
    ['IMAGE/PNG; charset=utf-7', 'image/png'],
    ['text/plain', 'text/plain'],
  ])('of type %s is served as %s', async (type, served) => {
    const { desk } = await opened();
    const form = await askForm(desk, 'x.html');
    const fields = form.fields.map(({ key, value }) => ({ key, value: key === 'Content-Type' ? type : value }));
    await send(desk, fill(fields));
    const answer = await desk.answer('GET', pathOfLink((await linkTo(desk, form)).headers));
    expect(answer.type).toBe(served);
  });

  it('takes names as they are, and lets none out of its header', async () => {
    const { desk } = await opened();
    const form = await uploaded(desk, `It's "ä"; x=(y)*.txt`);
    const answer = await desk.answer('GET', pathOfLink((await linkTo(desk, form)).headers));
    expect(answer.headers?.['Content-Disposition']).toBe(
      `attachment; filename*=UTF-8''It%27s%20%22%C3%A4%22%3B%20x%3D%28y%29%2a.txt`,
    );
  });

  it.each(['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'a\0b', '\ud800'])('takes no name like %j', async (name) => {
    const { desk } = await opened();
    const told = await desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body: JSON.stringify({ name }) });
    expect(told).toMatchObject({ status: 400, text: expect.stringContaining('"source":"files"') });
  });

  it.each(['', '{', '[]', '{}', '{"name":1}', `{"name":"${'x'.repeat(93)}"}`])(
    'refuses a form for %s',
    async (body) => {
      const { desk } = await opened();
      expect((await desk.call('POST', `${BASE}/generate-upload-url`, { as: ann, body })).status).toBe(400);
    },
  );
});

describe('an upload', () => {
  it('takes as many bytes as allowed and not one more, and keeps nothing of what was too much', async () => {
    const { desk } = await opened({ settings: { fileSize: 1_000 } });
    await uploaded(desk, 'a.bin', Buffer.alloc(1_000, 1));
    const form = await askForm(desk, 'b.bin');
    expect(await send(desk, fill(form.fields, Buffer.alloc(1_001, 1)))).toMatchObject({
      status: 400,
      type: 'xml',
      text: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds the maximum allowed size</Message></Error>',
      headers: { 'X-Portcullis-Code': 'limit.fileSize' },
    });
    expect((await linkTo(desk, form)).status).toBe(404);
    expect((await send(desk, fill(form.fields, 'small'))).status).toBe(204);
  });

  it('is taken once', async () => {
    const { desk } = await opened();
    const form = await askForm(desk);
    const told = await Promise.all([send(desk, fill(form.fields, 'one')), send(desk, fill(form.fields, 'two'))]);
    expect(told.map(({ status }) => status).sort()).toEqual([204, 403]);
    expect(await send(desk, fill(form.fields, 'three'))).toMatchObject({
      status: 403,
      text: expect.stringContaining(
        '<Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message>',
      ),
    });
  });

  it('is refused when the form has expired', async () => {
    const { desk } = await opened();
    const form = await askForm(desk);
    desk.clock.advance(60_000);
    expect((await send(desk, fill(form.fields))).status).toBe(403);
  });

  it('is refused with a pass that was altered anywhere, cut, or made for another purpose or app', async () => {
    const { desk } = await opened();
    const form = await askForm(desk);
    const other = await uploaded(desk, 'other.txt');
    const pass = form.fields.at(-1)?.value ?? '';
    const link =
      pathOfLink((await linkTo(desk, other)).headers)
        .split('/')
        .at(-1) ?? '';
    const altered = Array.from({ length: pass.length }, (_, at) => {
      return `${pass.slice(0, at)}${pass[at] === 'A' ? 'B' : 'A'}${pass.slice(at + 1)}`;
    });
    const cut = [0, 1, 20, 40, pass.length - 1].map((length) => pass.slice(0, length));
    for (const value of [...altered, ...cut, link, `${pass}A`, ` ${pass}`]) {
      const told = await send(desk, fill([{ key: 'X-Portcullis-Pass', value }]));
      expect(told.status).toBe(403);
    }
    expect((await send(desk, fill(form.fields))).status).toBe(204);
  });

  it.each([
    ['no form', [Buffer.from('x')], 'text/plain'],
    ['no boundary', [Buffer.from('x')], 'multipart/form-data'],
    ['an empty body', [], 'multipart/form-data; boundary=B'],
    [
      'no file',
      [Buffer.from('--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B--\r\n')],
      'multipart/form-data; boundary=B',
    ],
    [
      'a field twice',
      fill([
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ]),
      'multipart/form-data; boundary=B',
    ],
    ['fields too long', fill([{ key: 'a', value: 'x'.repeat(70_000) }]), 'multipart/form-data; boundary=B'],
    [
      'fields too many',
      fill(Array.from({ length: 60 }, (_, n) => ({ key: `k${n}`, value: '' }))),
      'multipart/form-data; boundary=B',
    ],
  ])('is refused for %s', async (_name, bytes, type) => {
    const { desk } = await opened();
    expect(await desk.call('POST', UPLOAD, { bytes, headers: { 'content-type': type } })).toMatchObject({
      status: 400,
      text: expect.stringContaining('<Code>MalformedPOSTRequest</Code>'),
    });
  });

  it('that breaks off leaves nothing, and can be tried again', async () => {
    const { desk } = await opened();
    const form = await askForm(desk);
    const [head = Buffer.alloc(0)] = fill(form.fields);
    expect((await send(desk, [head, Buffer.from('half')])).status).toBe(400);
    expect((await linkTo(desk, form)).status).toBe(404);
    expect((await send(desk, fill(form.fields))).status).toBe(204);
  });

  it('that comes while its form is deleted or swept away keeps nothing', async () => {
    const { desk, bytes } = await opened();
    const form = await askForm(desk);
    const put = bytes.put.bind(bytes);
    let key = '';
    Object.assign(bytes, {
      put: async (...what: Parameters<typeof put>) => {
        [key] = what;
        const done = await put(...what);
        await desk.call('DELETE', pathOf(form), { as: SERVER });
        return done;
      },
    });
    expect((await send(desk, fill(form.fields))).status).toBe(403);
    expect(await bytes.get(key)).toBeNull();
  });
});

describe('who may', () => {
  it('send: write, at each step anew', async () => {
    const { desk } = await opened({ access: GRANTS });
    const writer = bearer('ann', { ch: ['write'] });
    for (const as of [
      bearer('ann', { ch: ['read', 'delete', 'manage'] }),
      bearer('ann', { other: ['write'] }),
      ANONYMOUS,
    ]) {
      const told = await desk.call('POST', `${BASE}/generate-upload-url`, { as, body: '{"name":"x"}' });
      expect(told).toMatchObject({ status: 403, type: 'pam' });
    }
    const form = await askForm(desk, 'x', writer);
    await desk.define({ access: { ...GRANTS, enabled: false } });
    expect(await send(desk, fill(form.fields))).toMatchObject({ status: 403, type: 'xml' });
    await desk.define();
    expect((await send(desk, fill(form.fields))).status).toBe(204);
    const message = encodeURIComponent(JSON.stringify({ file: { id: form.id, name: 'x' } }));
    const path = `/v1/files/publish-file/pub/sub/0/ch/0/${message}`;
    expect((await desk.get(path, bearer('bob', { ch: ['read'] }))).status).toBe(403);
    expect((await desk.get(path, writer)).status).toBe(200);
  });

  it('an upload is decided again when its bytes have come', async () => {
    const { desk, bytes } = await opened({ access: GRANTS });
    const form = await askForm(desk, 'x', bearer('ann', { ch: ['write'] }));
    const put = bytes.put.bind(bytes);
    let key = '';
    Object.assign(bytes, {
      put: async (...what: Parameters<typeof put>) => {
        [key] = what;
        const done = await put(...what);
        await desk.define({ features: { files: false } });
        return done;
      },
    });
    expect((await send(desk, fill(form.fields))).status).toBe(403);
    expect(await bytes.get(key)).toBeNull();
  });

  it.each([
    ['list', 'GET', `${BASE}/files`, 'read', 200],
    ['download', 'GET', '', 'read', 307],
    ['delete', 'DELETE', '', 'delete', 200],
  ] as const)('%s: its own permission and no other', async (_name, method, path, needed, status) => {
    const { desk } = await opened({ access: GRANTS });
    const form = await uploaded(desk, 'x', 'x', SERVER);
    for (const permission of ['write', 'manage', 'get', 'update', 'join', 'delete', 'read'] as const) {
      const told = await desk.call(method, path || pathOf(form), { as: bearer('ann', { ch: [permission] }) });
      expect([permission, told.status]).toEqual([permission, permission === needed ? status : 403]);
    }
  });

  it('follow a link: whom it was given to, while they still may, and for a minute', async () => {
    const { desk } = await opened({ access: GRANTS });
    const form = await uploaded(desk, 'x', 'secret', SERVER);
    const as = bearer('ann', { ch: ['read'] });
    const link = pathOfLink((await linkTo(desk, form, as)).headers);
    expect(Buffer.from(link.split('/').at(-1) ?? '', 'base64url').toString('latin1')).not.toContain('ann');
    expect((await desk.get(link)).status).toBe(200);
    await desk.engine.commit('a', [
      {
        type: 'revocation.put',
        revocation: { id: 1, type: 'token', token: as.grant?.id ?? '', reason: '', keepUntil: 1_900_000_000_000 },
      },
    ]);
    expect(await desk.get(link)).toMatchObject({ status: 403, text: expect.stringContaining('Token is revoked') });
    const fresh = pathOfLink((await linkTo(desk, form, bearer('bob', { ch: ['read'] }))).headers);
    desk.clock.advance(59_999);
    expect((await desk.get(fresh)).status).toBe(200);
    desk.clock.advance(1);
    expect((await desk.get(fresh)).status).toBe(403);
    expect((await desk.get('/v1/files/sub/link/abc')).status).toBe(403);
  });

  it('sees only files that went to them, in lists and by name', async () => {
    const spec = { publicMessaging: { enabled: false, authenticatedOnly: false }, authenticatedMessaging: true };
    const { desk } = await opened({ access: RULES, rules: [ruleOf(1, 'ch', spec)] });
    const form = await uploaded(desk, 'inside.txt');
    const guest = stated('guest');
    expect((await desk.get(`${BASE}/files`, guest)).text).toBe('{"status":200,"data":[],"next":null,"count":0}');
    expect((await linkTo(desk, form, guest)).status).toBe(404);
    expect((await linkTo(desk, form, proven('bob'))).status).toBe(307);
    const absent = await desk.get(`${BASE}/files/${form.id}/other.txt`, guest);
    expect(absent.text).toBe((await linkTo(desk, form, guest)).text);
  });

  it('gets the bytes at once where a link would be too long', async () => {
    const { desk } = await opened({ settings: { maxUrl: 100 } });
    const form = await uploaded(desk);
    const answer = await desk.answer('GET', pathOf(form), { as: ann });
    expect([answer.status, await bytesOf(answer)]).toEqual([200, 'PNG']);
  });
});

describe('publishing a file', () => {
  it.each([
    [{ file: { id: 'x', name: 'y' } }, 404],
    [{ file: { id: 1, name: 'y' } }, 400],
    [{ file: 'x' }, 400],
    [{ message: 'x' }, 400],
    [[], 400],
    [1, 400],
    ['encrypted by the client', 200],
  ])('%j: %d', async (message, status) => {
    const { desk } = await opened();
    const told = await desk.get(
      `/v1/files/publish-file/pub/sub/0/ch/0/${encodeURIComponent(JSON.stringify(message))}`,
      ann,
    );
    expect(told.status).toBe(status);
    expect(told.text).toMatch(status === 200 ? /^\[1,"Sent"/ : /^\[0,"/);
  });

  it('needs the file of this very channel, uploaded', async () => {
    const { desk } = await opened();
    const form = await askForm(desk);
    const message = encodeURIComponent(JSON.stringify({ file: { id: form.id, name: form.name } }));
    const publish = (channel: string) => desk.get(`/v1/files/publish-file/pub/sub/0/${channel}/0/${message}`, ann);
    expect((await publish('ch')).status).toBe(404);
    await send(desk, fill(form.fields));
    expect((await publish('other')).status).toBe(404);
    expect((await publish('ch')).status).toBe(200);
  });
});

describe('listing and deleting', () => {
  it('pages through all files, newest first', async () => {
    const { desk } = await opened();
    for (let n = 1; n <= 5; n++) {
      await uploaded(desk, `${n}`);
      desk.clock.advance(1);
    }
    const names: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const told: { data: { name: string }[]; next: string | null; count: number } = JSON.parse(
        (await desk.get(`${BASE}/files?limit=2&next=${next}`, ann)).text,
      );
      expect(told.count).toBe(told.data.length);
      names.push(...told.data.map(({ name }) => name));
      next = told.next;
    }
    expect(names).toEqual(['5', '4', '3', '2', '1']);
  });

  it.each(['limit=0', 'limit=x', 'next=!', 'next=e30', 'next=WzEsMl0'])('refuses %s', async (query) => {
    const { desk } = await opened();
    expect((await desk.get(`${BASE}/files?${query}`, ann)).status).toBe(400);
  });

  it('deletes a file with its bytes, once and for all', async () => {
    const { desk } = await opened();
    const form = await uploaded(desk);
    const link = pathOfLink((await linkTo(desk, form)).headers);
    for (let time = 0; time < 2; time++) {
      expect(await desk.call('DELETE', pathOf(form))).toMatchObject({ status: 200, text: '{"status":200}' });
    }
    expect((await linkTo(desk, form)).status).toBe(404);
    expect((await desk.get(link)).status).toBe(404);
  });

  it('sweeps away forms that nobody used, and nothing else', async () => {
    const { desk, bytes } = await opened();
    const kept = await uploaded(desk, 'kept');
    await askForm(desk, 'unused');
    expect(await sweepFiles(desk.store, bytes, desk.clock.now() + 59_999)).toBe(0);
    expect(await sweepFiles(desk.store, bytes, desk.clock.now() + 60_000)).toBe(1);
    expect(await desk.store.fileTotals('a')).toEqual({ count: 1, bytes: 3 });
    expect((await linkTo(desk, kept)).status).toBe(307);
  });
});
