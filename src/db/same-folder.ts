import { type RawBuilder, sql } from 'kysely';

/** Whether the files of the task `other` are in the folder of a row of `table`, or in a folder above or below it. */
export const isInSameFolder = (table: 'tasks' | 'deleted_tasks'): RawBuilder<boolean> => sql<boolean>`
  other.user_uuid = ${sql.ref(`${table}.user_uuid`)} AND other.id <> ${sql.ref(`${table}.id`)}
  AND (starts_with(other.task_path || '/', ${sql.ref(`${table}.task_path`)} || '/')
    OR starts_with(${sql.ref(`${table}.task_path`)} || '/', other.task_path || '/'))`;
