import { z } from 'zod';
import {
  addEntries,
  type DictionaryOwner,
  MAX_DICTIONARY_BYTES,
  readDictionary,
  replaceDictionary,
} from '../../tasks/user-dictionary.ts';
import { readBodyBytes, readJson } from '../body.ts';
import { assertConditions, hasConditions, parseConditions } from '../conditions.ts';
import { parseGiven } from '../parse.ts';
import type { Route, RouteCall } from '../route.ts';

const MAX_ENTRIES = 10_000;

const EntriesSchema = z.strictObject({
  entries: z
    .array(z.strictObject({ word: z.string().min(1).max(200), phones: z.string().min(1).max(1000) }))
    .min(1)
    .max(MAX_ENTRIES),
});

/** The caller's own pronunciations for all tasks of a language. */
export const DICTIONARY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/dictionary/:lang',
    summary: 'Your own pronunciations for a language, as text',
    answers: 'text/plain',
    may: 'look',
    about: 'all',
    answer: async (call) => {
      const { text, version } = await readDictionary(ownerOf(call), call.context.drafts);
      call.response.writeHead(200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': text.length,
        ETag: `"${version}"`,
      });
      call.response.end(text);
      return null;
    },
  },
  {
    method: 'PUT',
    path: '/api/v1/dictionary/:lang',
    summary: 'Replace your own pronunciations for a language; If-Match refuses to overwrite newer ones',
    body: 'text/plain',
    headers: ['If-Match'],
    may: 'change',
    about: 'all',
    answer: async (call) => {
      const text = await readBodyBytes(call.request, call.signal, MAX_DICTIONARY_BYTES);
      const conditions = parseConditions(call.request.headers);
      const { version } = await replaceDictionary(
        ownerOf(call),
        text,
        hasConditions(conditions) ? (found) => assertConditions(conditions, found) : null,
        call.context.drafts,
      );
      return { status: 204, headers: { ETag: `"${version}"` } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/dictionary/:lang/entries',
    summary: 'Add pronunciations to your own for a language',
    body: EntriesSchema,
    answers: 'application/json',
    may: 'change',
    about: 'all',
    answer: async (call) => {
      const { entries } = parseGiven(EntriesSchema, await readJson(call.request, call.signal), 'field');
      const { added, version } = await addEntries(ownerOf(call), entries, call.context.drafts);
      return { json: { added }, headers: { ETag: `"${version}"` } };
    },
  },
];

function ownerOf({ caller, params }: RouteCall): DictionaryOwner {
  return { user: caller.user, lang: params.get('lang') };
}
