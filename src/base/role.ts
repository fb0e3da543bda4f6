/** `user`: own tasks; `viewer`: sees all, changes nothing; `operator`: all. */
export const ROLES = ['user', 'viewer', 'operator'] as const;

export type Role = (typeof ROLES)[number];
