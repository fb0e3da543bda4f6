import type { Checked } from './check.ts';

/**
 * The findings of a check, as one document.
 * @param dictionary - path of the draft that was written; null: none was
 */
export function checkDocument(
  { resources, counts, words, estimatedSec, faults, warnings }: Checked,
  dictionary: string | null,
): object {
  const {
    audio,
    recordingCount,
    readyCount,
    missingWordCount,
    tierCount,
    wordCount,
    audioSec,
    speechSec,
    inputBytes,
  } = counts;
  return {
    ready: faults.length === 0,
    lang: resources.language.code,
    engine: resources.engine.name,
    recordings: recordingCount,
    recordingsReady: readyCount,
    tiers: tierCount,
    words: wordCount,
    wordsUnknown: missingWordCount,
    audioSec,
    speechSec,
    estimatedSec,
    inputBytes,
    audio: audio.map(({ sampleRateHz, channelCount, recordingCount: recordings }) => ({
      sampleRateHz,
      channels: channelCount,
      recordings,
    })),
    unknown: words.missing,
    dictionary,
    faults,
    warnings,
  };
}
