import type { Route } from '../route.ts';
import { visibleUser } from '../who.ts';

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Changes of tasks as server-sent events; Last-Event-ID goes on after a lost connection',
    answers: 'text/event-stream',
    may: 'look',
    about: 'all',
    answer: async ({ caller, request, response, context: { events } }) => {
      const lastId = request.headers['last-event-id'];
      events.open(response, visibleUser(caller), typeof lastId === 'string' ? lastId : null);
      return null;
    },
  },
];
