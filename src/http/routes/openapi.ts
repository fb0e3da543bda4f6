import { describeApi } from '../openapi.ts';
import type { Route } from '../route.ts';

/** @param routes - all routes, including this one; called when they are needed */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let described: object | null = null;
  return {
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This description of the API',
    may: 'look',
    about: 'all',
    answers: 'application/json',
    answer: async () => {
      described ??= describeApi(routes());
      return { json: described };
    },
  };
}
