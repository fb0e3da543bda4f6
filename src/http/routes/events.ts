import type { Route } from '../route.ts';
import { visibleUser } from '../who.ts';

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Changes of tasks as server-sent events; Last-Event-ID goes on after a lost connection',
    answers: 'text/event-stream',
    headers: ['Last-Event-ID'],
    may: 'look',
    about: 'all',
    answer: async ({ caller, request, response, context: { events, gate } }) => {
      const lastId = request.headers['last-event-id'];
      const user = visibleUser(caller);
      events.open({
        response,
        user,
        lastId: typeof lastId === 'string' ? lastId : null,
        mayStay: () => gate.isStill(request, caller),
      });
      return null;
    },
  },
];
