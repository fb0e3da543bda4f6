/** Names of users and tasks, which are names of folders, too. The constraints on `tasks` say the same. */
export const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The same in words, for messages after "expected". */
export const PLAIN_NAME_RULE = 'up to 100 letters, digits and . _ -, beginning with a letter or digit';
