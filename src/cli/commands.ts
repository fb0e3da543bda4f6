import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of all commands. */
  readonly summary: string;
  /** Each command loads its part of the program, so only the one that is called is loaded. */
  readonly load: () => Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'submit',
    summary: 'queue recordings with their transcripts as one task',
    load: async () => (await import('./commands/submit.ts')).submitCommand,
  },
  {
    name: 'check',
    summary: 'check recordings and transcripts as a worker would, without queueing them',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'convert',
    summary: 'write transcripts or results in another format',
    load: async () => (await import('./commands/convert.ts')).convertCommand,
  },
  {
    name: 'status',
    summary: 'show counts, the queue, workers and running tasks',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'list',
    summary: 'list tasks by user, status, error code, language and time',
    load: async () => (await import('./commands/list.ts')).listCommand,
  },
  {
    name: 'show',
    summary: 'show all about one task: history, stages, files, warnings, error',
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  {
    name: 'retry',
    summary: 'queue failed or cancelled tasks again',
    load: async () => (await import('./commands/retry.ts')).retryCommand,
  },
  {
    name: 'cancel',
    summary: 'cancel tasks that wait or run',
    load: async () => (await import('./commands/cancel.ts')).cancelCommand,
  },
  {
    name: 'pause',
    summary: 'stop workers from taking tasks: all tasks, tasks of one engine, or on one worker',
    load: async () => (await import('./commands/pause.ts')).pauseCommand,
  },
  {
    name: 'resume',
    summary: 'end a pause',
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  {
    name: 'drain',
    summary: 'let workers finish what they run, take nothing more, and end',
    load: async () => (await import('./commands/drain.ts')).drainCommand,
  },
  {
    name: 'clean',
    summary: 'remove the files and logs of tasks that are expired, deleted or kept long enough',
    load: async () => (await import('./commands/clean.ts')).cleanCommand,
  },
  {
    name: 'process',
    summary: 'run one task now, in the foreground',
    load: async () => (await import('./commands/process.ts')).processCommand,
  },
  {
    name: 'worker',
    summary: 'run a worker in the foreground, until it is told to stop',
    load: async () => (await import('./commands/worker.ts')).workerCommand,
  },
  {
    name: 'web',
    summary: 'serve the page and its API, until it is told to stop',
    load: async () => (await import('./commands/web.ts')).webCommand,
  },
  {
    name: 'token',
    summary: 'make, list or remove tokens with which users sign in to the page',
    load: async () => (await import('./commands/token.ts')).tokenCommand,
  },
  {
    name: 'phones',
    summary: 'list the phones of a language, with IPA and an example of each',
    load: async () => (await import('./commands/phones.ts')).phonesCommand,
  },
  {
    name: 'site',
    summary: 'show whether UPLOADS belongs to this database, or bind it to this database',
    load: async () => (await import('./commands/site.ts')).siteCommand,
  },
  {
    name: 'import-sniffer',
    summary: 'import the tasks and files of the older worker, or undo that',
    load: async () => (await import('./commands/import-sniffer.ts')).importSnifferCommand,
  },
  {
    name: 'doctor',
    summary: 'check settings, folders, database, engines and languages, and say what to fix',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'migrate',
    summary: 'bring the database up to date',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'db',
    summary: 'start or stop the built-in Postgres, or show its state',
    load: async () => (await import('./commands/db.ts')).dbCommand,
  },
];
