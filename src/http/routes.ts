import type { Route } from './route.ts';
import { ACTION_ROUTES } from './routes/actions.ts';
import { CORRECTION_ROUTES } from './routes/corrections.ts';
import { DICTIONARY_ROUTES } from './routes/dictionary.ts';
import { EVENT_ROUTES } from './routes/events.ts';
import { FILE_ROUTES } from './routes/files.ts';
import { GENTLE_ROUTES } from './routes/gentle.ts';
import { HISTORY_ROUTES } from './routes/history.ts';
import { openApiRoute } from './routes/openapi.ts';
import { PAUSE_ROUTES } from './routes/pauses.ts';
import { RESULT_ROUTES } from './routes/result.ts';
import { SERVICE_ROUTES } from './routes/service.ts';
import { SESSION_ROUTES } from './routes/session.ts';
import { TASK_ROUTES } from './routes/tasks.ts';
import { VIEW_ROUTES } from './routes/view.ts';
import { WEBHOOK_ROUTES } from './routes/webhook.ts';
import { WEBMAUS_ROUTES } from './routes/webmaus.ts';

/** All routes of the API: one file of `routes/` for each subject. */
export const ROUTES: readonly Route[] = [
  ...SESSION_ROUTES,
  ...TASK_ROUTES,
  ...FILE_ROUTES,
  ...RESULT_ROUTES,
  ...CORRECTION_ROUTES,
  ...VIEW_ROUTES,
  ...HISTORY_ROUTES,
  ...DICTIONARY_ROUTES,
  ...WEBHOOK_ROUTES,
  ...SERVICE_ROUTES,
  ...ACTION_ROUTES,
  ...PAUSE_ROUTES,
  ...EVENT_ROUTES,
  ...WEBMAUS_ROUTES,
  ...GENTLE_ROUTES,
  openApiRoute(() => ROUTES),
];
