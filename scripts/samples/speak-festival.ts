import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { lookUpForms, type Speech, type SpokenPhone, wordOf } from './speech.ts';
import { readWav } from './wav.ts';

/** Speaks with festival, which says to which word each phone belongs. */
export function speakWithFestival(voice: string, text: string, workDir: string): Speech {
  const wavPath = path.join(workDir, 'festival.wav');
  const programPath = path.join(workDir, 'festival.scm');
  writeFileSync(programPath, festivalProgram(voice, text, wavPath));
  const printed = execFileSync('festival', ['-b', programPath], { encoding: 'utf8' });
  const phonesOfWord: SpokenPhone[][] = [];
  let startSec = 0;
  for (const [, label = '', end = '', inWord = ''] of printed.matchAll(/^(\S+) (\d+\.\d+) ([01])$/gm)) {
    if (inWord === '1' && label === 'WORD') {
      phonesOfWord.push([]);
      continue;
    }
    const phone = { label, startSec, endSec: Number(end) };
    if (inWord === '1') phonesOfWord.at(-1)?.push(phone);
    startSec = phone.endSec;
  }
  const forms = lookUpForms(text);
  if (forms.length !== phonesOfWord.length) {
    throw new Error(`festival says ${phonesOfWord.length} words for the ${forms.length} of "${text}"`);
  }
  const { rateHz, channels } = readWav(wavPath);
  return {
    rateHz,
    samples: channels[0] ?? new Float32Array(),
    words: phonesOfWord.map((phones, index) => wordOf(phones, forms[index] ?? '')),
  };
}

/** Prints `WORD 0.0 1` before the first phone of each word, then `label end 1`; `label end 0` for a pause. */
function festivalProgram(voice: string, text: string, wavPath: string): string {
  return `
    (voice_${voice})
    (set! utt (utt.synth (Utterance Text ${JSON.stringify(text)})))
    (utt.save.wave utt ${JSON.stringify(wavPath)} 'riff)
    (set! last_word nil)
    (mapcar
      (lambda (segment)
        (let ((word (item.parent (item.parent (item.relation segment 'SylStructure)))))
          (if word
            (begin
              (if (not (equal? (item.feat word "id") last_word)) (format t "WORD 0.0 1\\n"))
              (set! last_word (item.feat word "id"))))
          (format t "%s %f %d\\n" (item.name segment) (item.feat segment "end") (if word 1 0))))
      (utt.relation.items utt 'Segment))`;
}
