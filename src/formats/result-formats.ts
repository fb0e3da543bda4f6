import type { ResultFormatName } from '../base/result-kinds.ts';
import { CSV_RESULT } from './csv/result.ts';
import { EAF_RESULT } from './eaf/result.ts';
import { EMU_RESULT } from './emu/result.ts';
import { JSON_RESULT } from './json/result.ts';
import { PAR_RESULT } from './par/result.ts';
import type { ResultFormat } from './result.ts';
import { SRT_RESULT, VTT_RESULT } from './subtitles/result.ts';
import { SHORT_RESULT, TEXTGRID_RESULT } from './textgrid/result.ts';

/** All formats of results. `base/result-kinds.ts` has their names and their order. */
export const RESULT_WRITERS: Readonly<Record<ResultFormatName, ResultFormat>> = {
  textgrid: TEXTGRID_RESULT,
  short: SHORT_RESULT,
  csv: CSV_RESULT,
  eaf: EAF_RESULT,
  json: JSON_RESULT,
  vtt: VTT_RESULT,
  srt: SRT_RESULT,
  emu: EMU_RESULT,
  par: PAR_RESULT,
};
