/** The four stages of an attempt, in order. */
export type StageName = 'prepare' | 'align' | 'package' | 'cleanup';
