import { exactTime } from '../times.ts';
import { element } from './element.ts';
import type { ViewedRecording } from './load.ts';
import { createFilePlayer, createUrlPlayer, type Player } from './player.ts';
import type { Transport } from './transport.ts';

/** With a larger difference in length, it is another file. */
const SAME_LENGTH_SEC = 0.1;

interface SoundOptions {
  readonly recording: ViewedRecording;
  readonly url: string;
  readonly seconds: number;
  readonly transport: Transport;
  /** Says what can be played. */
  readonly status: HTMLElement;
  readonly signal: AbortSignal;
}

/** Plays the server's audio while it exists, or a file that the user drops or chooses, which stays in the browser. */
export function startSound(root: HTMLElement, options: SoundOptions): void {
  const { recording, url, seconds, transport, status, signal } = options;
  const input = element('input', { type: 'file', accept: 'audio/*,video/*', hidden: true });
  const choose = element('button', { type: 'button', onclick: () => input.click() }, 'Choose an audio file');
  const say = (text: string, isOffered: boolean) =>
    status.replaceChildren(text, ...(isOffered ? [' ', choose, input] : []));
  const use = async (player: Promise<Player>, what: string, failed: string) => {
    try {
      const made = await player;
      if (signal.aborted) return made.dispose();
      transport.use(made);
      const isOther = Math.abs(made.duration - seconds) > SAME_LENGTH_SEC;
      const warning = `It lasts ${made.duration.toFixed(2)} s, the recording ${seconds.toFixed(2)} s: is it the same one?`;
      say(isOther ? `${what} ${warning}` : what, isOther);
    } catch {
      say(failed, true);
    }
  };
  const takeFile = (file: File | undefined) => {
    if (file === undefined) return;
    say(`Reading ${file.name}…`, false);
    const failed = `This browser cannot play ${file.name}. Convert it to WAV and drop it here, or`;
    void use(createFilePlayer(file), `Playing ${file.name} from this computer. It is not uploaded.`, failed);
  };
  input.addEventListener('change', () => takeFile(input.files?.[0]));
  listenToDrops(root, takeFile, signal);
  signal.addEventListener('abort', () => transport.dispose(), { once: true });
  const { until, deleted_at: deletedAt } = recording.sound;
  if (until === null) {
    const when = deletedAt === null ? '' : ` at ${exactTime(deletedAt)}`;
    say(
      `The audio was deleted${when}, as promised. To hear it, drop your own copy here; it stays in this browser. Or`,
      true,
    );
    return;
  }
  const kept = `The audio can be played until ${exactTime(until)}.`;
  void use(
    createUrlPlayer(`${url}/sound`),
    kept,
    'This browser cannot play the audio as it was uploaded. Drop a WAV copy here, or',
  );
}

function listenToDrops(root: HTMLElement, take: (file: File | undefined) => void, signal: AbortSignal): void {
  root.addEventListener(
    'dragover',
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      root.classList.add('viewer-drop');
    },
    { signal },
  );
  root.addEventListener('dragleave', () => root.classList.remove('viewer-drop'), { signal });
  root.addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      // Otherwise the page would upload the file.
      event.stopPropagation();
      root.classList.remove('viewer-drop');
      take(event.dataTransfer?.files[0]);
    },
    { signal },
  );
}
