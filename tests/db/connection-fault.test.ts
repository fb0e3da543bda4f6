import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { describeNoConnection } from '../../src/db/connection-fault.ts';

const test = suite('why there is no connection');
const URL = 'postgres://ann:secret@db.example/autophon';

test('is given with the fix, without the password', () => {
  const text = describeNoConnection(URL, new Error('timeout expired'));
  assert.match(
    text,
    /^no connection to postgres:\/\/ann@db\.example\/autophon: timeout expired\. Check DATABASE_URL/,
  );
});

test('is explained in terms of the database when the driver reports its own state', () => {
  const text = describeNoConnection(
    URL,
    new Error('Client has encountered a connection error and is not queryable'),
  );
  assert.match(text, /: the server closed the connection\. Check/);
});

test.run();
