import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { FolderHider } from '../../src/base/hide-folders.ts';

const test = suite('names in the place of folders');
const FOLDERS = [
  { path: '/srv/up', name: 'DATA_DIR' },
  { path: '/srv/up/loads', name: 'UPLOADS' },
  { path: '/tmp/é (1)', name: 'TEMP_DIR' },
  { path: '/', name: 'ROOT' },
];
const TEXT = 'at /srv/up/loads/ann and /srv/up/é, /srv/ and /tmp/é (1)/x; /srv/up';
const HIDDEN = 'at UPLOADS/ann and DATA_DIR/é, /srv/ and TEMP_DIR/x; DATA_DIR';

/** Reads as a client does: pieces of a given number of bytes, from an offset on. */
function read(hider: FolderHider, bytes: Buffer, first: number, pieceBytes: number): string {
  let from = first;
  const parts: Buffer[] = [];
  for (let stuck = 0; from < bytes.length && stuck < 2; ) {
    const start = Math.max(0, from - hider.lookBack);
    const piece = bytes.subarray(start, from + pieceBytes + stuck * bytes.length);
    const { text, usedBytes } = hider.hide(piece, from - start, start + piece.length === bytes.length);
    parts.push(text);
    from += usedBytes;
    stuck = usedBytes === 0 ? stuck + 1 : 0;
  }
  return Buffer.concat(parts).toString();
}

test('of folders in each other the longer one is named, and none that is too short', () => {
  assert.equal(read(new FolderHider(FOLDERS), Buffer.from(TEXT), 0, 1000), HIDDEN);
  assert.equal(read(new FolderHider([]), Buffer.from(TEXT), 0, 1000), TEXT);
});

test('however the text is divided, it is the same', () => {
  const bytes = Buffer.from(TEXT);
  const hider = new FolderHider(FOLDERS);
  for (let size = 1; size <= bytes.length; size++)
    assert.equal(read(hider, bytes, 0, size), HIDDEN, `${size}`);
});

test('wherever it is read from, no path is seen, nor the rest of one', () => {
  const bytes = Buffer.from(TEXT);
  const hider = new FolderHider(FOLDERS);
  for (let from = 0; from < bytes.length; from++) {
    const seen = read(hider, bytes, from, 7);
    assert.doesNotMatch(seen, /srv\/up|loads|\(1\)/, `${from}: ${seen}`);
  }
});

test('what may be the beginning of a path waits for more', () => {
  const hider = new FolderHider(FOLDERS);
  const { text, usedBytes } = hider.hide(Buffer.from('in /srv/u'), 0, false);
  assert.deepEqual([text.toString(), usedBytes], ['in ', 3]);
  assert.equal(hider.hide(Buffer.from('in /srv/u'), 0, true).text.toString(), 'in /srv/u');
});

test('only text that begins like a path is taken for a path', () => {
  const hider = new FolderHider(FOLDERS);
  const json = {
    file: 'a/srv/up/b.wav',
    error: { message: 'cannot open "/srv/up/x": file:///srv/up/loads/y' },
    at: new Date(0),
    list: [1, null, '/srv/up'],
  };
  assert.deepEqual(hider.hideIn(json), {
    file: 'a/srv/up/b.wav',
    error: { message: 'cannot open "DATA_DIR/x": file://UPLOADS/y' },
    at: new Date(0),
    list: [1, null, 'DATA_DIR'],
  });
});

test.run();
