import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { pairKey } from '../../base/input-kinds.ts';
import type { InPieces } from '../../base/pieces.ts';
import { quoteFound } from '../malformed.ts';
import type { Table, TableOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import type { SpokenTable } from './interpret.ts';
import type { RecordingTable } from './recording.ts';

/**
 * Makes a format of tables, whose files describe one recording or many.
 * @param readAny - reads a file of the format
 */
export function tableFormat(
  readAny: (bytes: Uint8Array, file: string, options: TableOptions) => InPieces<SpokenTable>,
): TranscriptFormat {
  return {
    read: function* (bytes, file, options): InPieces<Transcript> {
      const table = yield* readAny(bytes, file, options);
      return yield* onlyRecording(table, file).toTranscript(options.audioSec);
    },
    readTable: function* (bytes, file, options): InPieces<Table> {
      const { recordings, hasNames } = yield* readAny(bytes, file, options);
      if (hasNames) {
        return recordings.map((one) => ({
          recording: one.recording,
          line: one.line,
          toTranscript: (audioSec) => one.toTranscript(audioSec),
        }));
      }
      const text =
        'expected a column of recordings, such as "file", since no recording has the name of the table, found none; ' +
        'add it, or give the table the name of its recording';
      throw new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file } });
    },
  };
}

/** The content of a table that has the name of a recording. All its rows must be about that recording. */
function onlyRecording({ recordings, hasNames }: SpokenTable, file: string): RecordingTable {
  const key = keyOf(file);
  const other = hasNames ? recordings.find(({ recording }) => keyOf(recording) !== key) : undefined;
  const [only] = recordings;
  if (only !== undefined && other === undefined && recordings.length === 1) return only;
  const [one = only, text] =
    other === undefined
      ? [
          recordings[1],
          `found it as ${recordings
            .map(({ recording }) => quoteFound(recording))
            .slice(0, 2)
            .join(' and ')}; write it the same way in all rows`,
        ]
      : [
          other,
          `found ${quoteFound(other.recording)}; give a table of several recordings a name that no recording has`,
        ];
  const place = { file, ...(one === undefined ? {} : { line: one.line }) };
  throw new TaskError(
    'E_TRANSCRIPT_MALFORMED',
    `expected only the recording whose name the table has, ${text}`,
    {
      place,
    },
  );
}

function keyOf(name: string): string {
  return pairKey(path.posix.basename(name.replaceAll('\\', '/')));
}
