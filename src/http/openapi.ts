import { z } from 'zod';
import { programVersion } from '../base/version.ts';
import { ANSWERS, ProblemSchema } from './answers.ts';
import type { Content, RequestHeader, Route } from './route.ts';

const COMPONENTS = '#/components/schemas/';
const PARAMETER = /[:*](\w+)/g;

const HEADERS: Readonly<Record<RequestHeader, string>> = {
  'Content-Range': 'bytes FIRST-LAST/TOTAL: the part of the file that comes',
  'Idempotency-Key': 'names the request: sent again with the same key, it has the effect of one',
  'If-Match': 'ETags: only if it has one of these versions, otherwise 412',
  'If-None-Match':
    'ETags that the client has: 304 while one of them is the newest; of a change, * is only if there is nothing',
  'Last-Event-ID': 'of the last event that was seen',
  Range: 'bytes=FIRST-LAST: the part that is wanted',
};

type Json = Readonly<Record<string, unknown>>;

/**
 * The description of the API (OpenAPI 3.1). It is made from the data of the routes, with which they also check
 * requests.
 */
export function describeApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeOperation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Autophon',
      version: programVersion(),
      description: 'Forced alignment of recordings. Durations are in seconds, sizes in bytes, times in UTC.',
    },
    paths,
    components: {
      schemas: describeAnswers(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'with WEB_MODE=token' } },
    },
    // A site that identifies users in another way needs no token.
    security: [{}, { token: [] }],
  };
}

/** The path of a route as OpenAPI writes it: `/tasks/{id}`. @internal */
export function openApiPath(path: string): string {
  return path.replace(PARAMETER, '{$1}');
}

function describeOperation({ method, path, summary, query, headers = [], body, answers }: Route): Json {
  const answered =
    answers === undefined || method === 'HEAD' ? {} : { content: describeContent(answers, 'output') };
  return {
    summary,
    parameters: [...path.matchAll(PARAMETER)]
      .map(([, name]) => pathParameter(name ?? ''))
      .concat(describeQuery(query), headers.map(describeHeader)),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: describeContent(body, 'input') } }),
    responses: {
      '2XX': { description: 'done', ...answered },
      default: {
        description: 'refused',
        ...(method === 'HEAD'
          ? {}
          : { content: { 'application/problem+json': { schema: referTo(ProblemSchema, 'output') } } }),
      },
    },
  };
}

function pathParameter(name: string): Json {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function describeHeader(name: RequestHeader): Json {
  return { name, in: 'header', required: false, description: HEADERS[name], schema: { type: 'string' } };
}

function describeQuery(query: z.ZodObject | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function describeContent(content: Content, io: 'input' | 'output'): Json {
  if (typeof content === 'string') return { [content]: {} };
  return { 'application/json': { schema: referTo(content, io) } };
}

/** Schemas of answers get a name; all others are written in place. */
function referTo(schema: z.ZodType, io: 'input' | 'output'): Json {
  const id = ANSWERS.get(schema)?.id;
  return id === undefined ? withoutHead(z.toJSONSchema(schema, { io })) : { $ref: COMPONENTS + id };
}

function describeAnswers(): Json {
  const { schemas } = z.toJSONSchema(ANSWERS, { io: 'output', uri: (id) => COMPONENTS + id });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutHead(schema)]));
}

/** They are parts of a document that has these only once. */
function withoutHead({ $schema: _, $id: __, ...schema }: Json): Json {
  return schema;
}
