import assert from 'node:assert/strict';
import { test } from 'uvu';
import { formatEngines } from '../../src/cli/engines-text.ts';

const of = (state: string) => ({ state, version: null, note: '' });

test('an engine whose check has not ended is shown as being checked, not as missing', () => {
  assert.equal(formatEngines({}), 'checking');
  assert.equal(
    formatEngines({ SPHINX: of('ready'), MFA2: of('checking'), FASE: of('off') }),
    'SPHINX, MFA2 (checking)',
  );
  assert.equal(formatEngines({ MFA2: of('sick'), FASE: of('off') }), 'none');
});

test.run();
