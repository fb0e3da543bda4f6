import { z } from 'zod';
import { TaskError } from '../../base/errors.ts';
import { RESULT_FORMATS } from '../../base/result-kinds.ts';
import { programVersion } from '../../base/version.ts';
import type { Usage } from '../../tasks/quota.ts';
import { LanguageListSchema, PhoneListSchema, SessionSchema, SignedInSchema } from '../answers.ts';
import { readJson } from '../body.ts';
import { parseGiven } from '../parse.ts';
import type { Route } from '../route.ts';

/** The server reads little from a client that has not signed in. */
const MAX_LOGIN_BYTES = 4096;
const LoginSchema = z.strictObject({ token: z.string('expected a token').min(1).max(200) });

export const SESSION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who asks, and what this server allows',
    answers: SessionSchema,
    may: 'look',
    about: 'all',
    answer: async ({ caller, context: { config, quota } }) => ({
      json: {
        user: caller.user,
        role: caller.role,
        mode: config.web.mode,
        version: programVersion(),
        limits: {
          max_files: config.taskLimits.fileCount,
          max_task_bytes: config.taskLimits.inputBytes,
          max_audio_seconds: config.taskLimits.audioSec,
          max_result_bytes: config.taskLimits.resultBytes,
        },
        formats: { known: RESULT_FORMATS, default: config.policy.formats },
        keep_sound_sec: config.view.keepAudioSec,
        quota: usageJson(await quota.read(caller.user)),
        languages_url: '/api/v1/languages',
      },
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/login',
    summary: 'Sign in with a token, which the answer puts into a cookie',
    body: LoginSchema,
    answers: SignedInSchema,
    about: 'entrance',
    answer: async ({ request, signal, context: { gate } }) => {
      const { token } = parseGiven(LoginSchema, await readJson(request, signal, MAX_LOGIN_BYTES), 'field');
      const { caller, headers } = await gate.signIn(request, token);
      return { json: { user: caller.user, role: caller.role }, headers };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/logout',
    summary: 'Sign out: the cookie is forgotten',
    about: 'entrance',
    answer: async ({ request, context: { gate } }) => ({ status: 204, headers: gate.signOut(request) }),
  },
  {
    method: 'GET',
    path: '/api/v1/languages',
    summary: 'The languages that can be aligned',
    answers: LanguageListSchema,
    may: 'look',
    about: 'all',
    answer: async ({ context: { resources } }) => ({
      json: {
        languages: [...resources.languages.values()].map(({ code, displayName, engine, alphabet }) => ({
          code,
          name: displayName,
          engines: [engine],
          alphabet,
        })),
      },
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/languages/:lang/phones',
    summary: 'The phones that pronunciations of a language are written in',
    answers: PhoneListSchema,
    may: 'look',
    about: 'all',
    answer: async ({ params, context: { resources } }) => {
      const language = resources.languages.get(params.get('lang'));
      if (language === undefined) {
        throw new TaskError('E_NOT_FOUND', `there is no language ${JSON.stringify(params.get('lang'))}`);
      }
      return { json: { phones: [...language.phones].sort() } };
    },
  },
];

function usageJson(usage: Usage | null) {
  return usage === null ? null : { used_bytes: usage.usedBytes, limit_bytes: usage.limitBytes };
}
