import type { Model } from './model.ts';
import type { Player } from './player.ts';

export interface Transport {
  use(player: Player | null): void;
  readonly canPlay: boolean;
  readonly isPlaying: boolean;
  toggle(speed: number): void;
  stop(): void;
  dispose(): void;
}

/** Plays the selection, or from the cursor to the end of the visible part. The cursor moves with it. */
export function createTransport(
  model: Model,
  onChange: () => void,
  onFault: (text: string) => void,
): Transport {
  let player: Player | null = null;
  let isPlaying = false;
  const end = () => {
    player?.stop();
    isPlaying = false;
    model.playingSec = null;
    onChange();
  };
  const follow = () => {
    if (!isPlaying) return;
    model.playingSec = player?.position() ?? model.playingSec;
    onChange();
    requestAnimationFrame(follow);
  };
  const start = (speed: number) => {
    const { from, to } = stretchOf(model);
    isPlaying = true;
    void player
      ?.play(from, to, speed, () => (model.isLooping && isPlaying ? start(speed) : end()))
      .catch((error: unknown) => {
        // It was stopped before it began.
        if (error instanceof DOMException && error.name === 'AbortError') return;
        end();
        onFault(`The audio does not play: ${error instanceof Error ? error.message : error}`);
      });
  };
  return {
    use(next) {
      if (isPlaying) end();
      player?.dispose();
      player = next;
      onChange();
    },
    get canPlay() {
      return player !== null;
    },
    get isPlaying() {
      return isPlaying;
    },
    toggle(speed) {
      if (isPlaying) return end();
      if (player === null) return;
      start(speed);
      follow();
    },
    stop() {
      if (isPlaying) end();
    },
    dispose() {
      isPlaying = false;
      player?.dispose();
    },
  };
}

function stretchOf({ selection, scale }: Model): { from: number; to: number } {
  if (selection.to > selection.from) return selection;
  const isOnScreen = selection.from >= scale.from && selection.from < scale.to;
  return { from: isOnScreen ? selection.from : scale.from, to: scale.to };
}
