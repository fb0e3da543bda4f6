import { tmpdir } from 'node:os';
import { messageOf } from '../../base/errors.ts';
import type { Config } from '../../config.ts';
import type { Db } from '../../db/connect.ts';
import { commandEnvironment } from '../../deliveries/command.ts';
import { readSecrets } from '../../deliveries/signature.ts';
import { isStartable } from '../../engines/process/command.ts';
import { describeLateDeliveries } from '../late-deliveries.ts';
import { type Check, checker } from './check.ts';

const check = checker('system');
const checkRows = checker('database');

/** Whether a worker with these settings can tell other programs that a task has ended. */
export async function checkDeliverySettings({ deliveries, engines }: Config): Promise<Check[]> {
  const { origins, secretPath, doneCommand } = deliveries;
  const checks: Check[] = [];
  if (secretPath !== null && origins.length > 0) {
    checks.push(
      await readSecrets(secretPath).then(
        (keys) => check('ok', 'webhooks', `to ${origins.join(', ')}; keys: ${keys.length}`),
        (error: unknown) =>
          check('wrong', 'webhooks', messageOf(error), 'a worker does not start until then'),
      ),
    );
  }
  if (doneCommand !== null) {
    checks.push(
      (await isStartable(doneCommand, tmpdir(), commandEnvironment(engines.inherited)))
        ? check('ok', 'done command', doneCommand)
        : check(
            'wrong',
            'done command',
            `${doneCommand}: no such executable file`,
            'set DONE_COMMAND to the full path of a program',
          ),
    );
  }
  return checks;
}

/** Whether receivers wait for messages that are late. */
export async function checkLateDeliveries(db: Db): Promise<Check[]> {
  const found = await describeLateDeliveries(db);
  return found === null
    ? []
    : [checkRows('warn', 'deliveries', found, 'see all with "make psql": SELECT * FROM late_deliveries')];
}
