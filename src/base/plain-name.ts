/** Names of users and tasks, which name folders too: the same as the constraints on `tasks` allow. */
export const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
