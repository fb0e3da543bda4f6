import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readDump } from '../../../src/tasks/sniffer/dump.ts';
import { isUnreadable, type Read } from '../../../src/tasks/sniffer/source.ts';

const CREATE = `-- MySQL dump 10.13
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE IF NOT EXISTS \`tasks\` (
  \`id\` int NOT NULL AUTO_INCREMENT COMMENT 'a, b) and ;',
  \`state\` enum('A','B'',(') DEFAULT NULL,
  \`size\` decimal(10,1) DEFAULT (1 + (2)),
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`state\` (\`state\`),
  CONSTRAINT \`tasks_ibfk_1\` FOREIGN KEY (\`id\`) REFERENCES \`users\` (\`id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
`;

/** @param size - of the pieces in which the text arrives */
async function readAll(text: string, size = text.length + 1): Promise<Read[]> {
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  }
  const rows: Read[] = [];
  for await (const row of readDump(pieces(), 'tasks', 'tasks.sql')) rows.push(row);
  return rows;
}

const said = (row: Read) => (isUnreadable(row) ? `${row.line}: ${row.text}` : row.cells);

for (const [what, insert, rows] of [
  [
    'values of all kinds',
    "INSERT INTO `tasks` VALUES (1,'A',-1.5),(2,NULL,0);",
    [
      ['1', 'A', '-1.5'],
      ['2', null, '0'],
    ],
  ],
  [
    'escapes',
    String.raw`INSERT INTO tasks VALUES (1,'a\'b''c\\d\n\0\%',0);`,
    [['1', "a'b'c\\d\n\0\\%", '0']],
  ],
  ['quotes of the other kind', `INSERT INTO tasks VALUES (1,"it's; (",0);`, [['1', "it's; (", '0']]],
  [
    'binary values',
    "INSERT INTO tasks VALUES (1,_binary 'x',b'101'),(2,0x4142,X'43');",
    [
      ['1', 'x', '5'],
      ['2', 'AB', 'C'],
    ],
  ],
  ['words before the table', 'REPLACE DELAYED INTO `old` . `tasks` VALUES (1,2,3);', [['1', '2', '3']]],
  [
    'comments between',
    'INSERT /*!40000 IGNORE */ INTO tasks -- here\nVALUES # and (here)\n(1,2,/* 9, */3);',
    [['1', '2', '3']],
  ],
  [
    'other statements',
    "INSERT INTO `users` VALUES (1,'x'),(2,'INSERT INTO tasks');\nINSERT INTO tasks VALUES (1,2,3);",
    [['1', '2', '3']],
  ],
  [
    'a row with too few values',
    'INSERT INTO tasks VALUES (1,2),(1,2,3);',
    ['12: expected 3 values, found 2', ['1', '2', '3']],
  ],
  [
    'a call of a function',
    'INSERT INTO tasks VALUES (1,now(),3),(1,2,3);',
    ['12: the row cannot be read: expected a value, found "("', ['1', '2', '3']],
  ],
  [
    'two values without a comma',
    "INSERT INTO tasks VALUES (1,'a' 'b',3);",
    ['12: the row cannot be read: expected , or ) after a value, found "b"'],
  ],
  [
    'a value that is missing',
    'INSERT INTO tasks VALUES (1,,3);',
    ['12: the row cannot be read: expected a value, found none'],
  ],
] as const) {
  test(`a dump with ${what} is read, in pieces of any size`, async () => {
    const text = `${CREATE}\n${insert}\n`;
    for (const size of [1, 2, 3, 7, undefined]) assert.deepEqual((await readAll(text, size)).map(said), rows);
  });
}

test('columns that are named in an INSERT count, in their order', async () => {
  const [row] = await readAll(`${CREATE}INSERT INTO tasks (\`size\`, id) VALUES (1.5, 7);`);
  assert.ok(row !== undefined && !isUnreadable(row));
  assert.deepEqual(
    [row.columns, row.cells],
    [
      ['size', 'id'],
      ['1.5', '7'],
    ],
  );
});

test('without the definition of the table and without names, the columns are unknown', async () => {
  const [row] = await readAll('INSERT INTO tasks VALUES (1);');
  assert.match(String(row === undefined ? '' : said(row)), /^1: the columns are not known/);
});

for (const cut of [
  "INSERT INTO tasks VALUES (1,'a",
  'INSERT INTO tasks VALUES (1,',
  'INSERT INTO tasks VALUES (1,2,3)',
  '/* never',
]) {
  test(`a dump that ends with ${cut} is refused as a whole`, async () => {
    await assert.rejects(
      readAll(CREATE + cut),
      /tasks\.sql line 11: the dump ends in the middle of a statement/,
    );
  });
}

/** Numbers that look random and are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ALPHABET = [
  "'",
  '"',
  '\\',
  '`',
  '\n',
  '\r',
  '\t',
  '\0',
  '\x1a',
  '(',
  ')',
  ',',
  ';',
  '-- ',
  '#',
  '/*',
  '*/',
  'a',
  'é',
  '𝄞',
  ' ',
];

/** As mysqldump writes a text. */
function quoted(text: string): string {
  const escapes: Record<string, string> = {
    "'": "\\'",
    '"': '\\"',
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\0': '\\0',
    '\x1a': '\\Z',
  };
  return `'${[...text].map((char) => escapes[char] ?? char).join('')}'`;
}

test('texts of any characters come back as they were, 3,000 rows in pieces of many sizes', async () => {
  const next = random(7);
  const pick = () => ALPHABET[Math.floor(next() * ALPHABET.length)] ?? '';
  const texts = Array.from({ length: 3_000 }, () =>
    Array.from({ length: Math.floor(next() * 12) }, pick).join(''),
  );
  const text = `${CREATE}INSERT INTO tasks VALUES ${texts.map((one, n) => `(${n},${quoted(one)},NULL)`).join(',')};\n`;
  for (const size of [13, 64, 4096, text.length])
    assert.deepEqual(
      (await readAll(text, size)).map(said),
      texts.map((one, n) => [String(n), one, null]),
    );
});

test('for any text the reader gives rows or refuses, 3,000 texts', async () => {
  const next = random(11);
  const parts = [
    ...ALPHABET,
    'INSERT INTO tasks ',
    'VALUES ',
    'CREATE TABLE tasks (',
    'NULL',
    '1',
    ' id ',
    '0x4',
    "_binary '",
  ];
  for (let n = 0; n < 3_000; n++) {
    const text = Array.from(
      { length: 1 + Math.floor(next() * 30) },
      () => parts[Math.floor(next() * parts.length)],
    ).join('');
    const whole = await readAll(text).catch((error: Error) => error.name);
    const pieces = await readAll(text, 3).catch((error: Error) => error.name);
    assert.deepEqual(pieces, whole, JSON.stringify(text));
    assert.ok(Array.isArray(whole) || whole === 'TaskError', JSON.stringify(text));
  }
});

test('a dump in one line, as mysqldump writes it, costs about as much as the same in many lines', async () => {
  const rows = Array.from({ length: 60_000 }, (_, n) => `(${n},'a name\\'s text','${'x'.repeat(80)}')`);
  const cost = async (between: string) => {
    const text = `${CREATE}INSERT INTO tasks VALUES ${rows.join(between)};\n`;
    const before = process.cpuUsage();
    assert.equal((await readAll(text, 1024 * 1024)).length, rows.length);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const inLines = await cost(',\n');
  const inOne = await cost(',');
  assert.ok(inOne < 4 * inLines, `${inOne} and ${inLines} microseconds`);
});

test.run();
