import { z } from 'zod';
import { listEngines } from '../../db/catalogue.ts';
import { listActiveInstances } from '../../db/instances.ts';
import { readThroughput } from '../../db/statistics.ts';
import { readQueueDepth } from '../../db/tasks.ts';
import { parseQuery } from '../parse.ts';
import type { Route } from '../route.ts';
import { may } from '../who.ts';

/** About a hundred buckets each: as many as a small chart can show. */
const WINDOWS = {
  hour: { bucketCount: 60, bucketSec: 60 },
  day: { bucketCount: 96, bucketSec: 900 },
  week: { bucketCount: 84, bucketSec: 7200 },
} as const;

const WindowSchema = z
  .strictObject({ window: z.enum(['hour', 'day', 'week'], 'expected hour, day or week') })
  .partial();

/** The service as a whole. */
export const SERVICE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/engines',
    summary: 'The engines that workers have, and whether they are ready',
    answers: 'application/json',
    may: 'look',
    about: 'all',
    answer: async ({ caller, context: { db } }) => {
      const engines = await listEngines(db);
      // A note names folders of the server.
      const isOverseer = may(caller, 'oversee');
      return { json: { engines: isOverseer ? engines : engines.map(({ note: _, ...engine }) => engine) } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/instances',
    summary: 'The workers that run',
    answers: 'application/json',
    may: 'oversee',
    about: 'all',
    answer: async ({ context: { db } }) => ({ json: { instances: await listActiveInstances(db) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/statistics',
    summary: 'What waits, what ended and what failed in the last hour, day or week',
    query: WindowSchema,
    answers: 'application/json',
    may: 'oversee',
    about: 'all',
    answer: async ({ query, context: { db } }) => {
      const { window = 'hour' } = parseQuery(WindowSchema, query);
      const { bucketCount, bucketSec } = WINDOWS[window];
      const [throughput, waiting] = await Promise.all([
        readThroughput(db, bucketCount, bucketSec),
        readQueueDepth(db),
      ]);
      return { json: { window, bucket_seconds: bucketSec, waiting, ...throughput } };
    },
  },
];
