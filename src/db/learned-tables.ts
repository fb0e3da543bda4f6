import type { Generated } from 'kysely';

/** How long completed tasks took, see migrations/0032_time_left.sql. */
export interface LearnedTimesTable {
  engine: string;
  lang: string;
  length_class: number | null;
  tasks: number;
  run_sec: number;
  audio_sec: number;
  audio_sec_per_mb: number | null;
  sec_per_audio_sec: number;
  sec_per_audio_sec_90: number;
  learned_at: Generated<Date>;
}
