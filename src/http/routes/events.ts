import type { Route } from '../route.ts';
import { visibleUser } from '../who.ts';

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/events',
    may: 'look',
    about: 'all',
    answer: async ({ caller, request, response, context: { events } }) => {
      const lastId = request.headers['last-event-id'];
      events.open(response, visibleUser(caller), typeof lastId === 'string' ? lastId : null);
      return null;
    },
  },
];
