/** Plays stretches of one recording. Seconds from its start. */
export interface Player {
  readonly duration: number;
  /** @param onEnd - called at the end of the stretch, unless it is stopped before */
  play(from: number, to: number, speed: number, onEnd: () => void): Promise<void>;
  stop(): void;
  /** The current time; null: it does not play. */
  position(): number | null;
  dispose(): void;
}

/** Plays the server's audio. The browser fetches the parts that it needs. */
export async function createUrlPlayer(url: string): Promise<Player> {
  const audio = new Audio();
  audio.preload = 'metadata';
  audio.src = url;
  await new Promise((resolve, reject) => {
    audio.addEventListener('loadedmetadata', resolve, { once: true });
    audio.addEventListener('error', () => reject(new Error('this browser cannot play the audio')), {
      once: true,
    });
  });
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    audio.pause();
  };
  return {
    duration: audio.duration,
    async play(from, to, speed, onEnd) {
      stop();
      audio.currentTime = from;
      audio.playbackRate = speed;
      await audio.play();
      const watch = () => {
        if (audio.currentTime >= to || audio.ended) {
          stop();
          onEnd();
        } else frame = requestAnimationFrame(watch);
      };
      frame = requestAnimationFrame(watch);
    },
    stop,
    position: () => (frame === 0 ? null : audio.currentTime),
    dispose() {
      stop();
      audio.removeAttribute('src');
      audio.load();
    },
  };
}

/** At this rate an hour takes 230 MB of memory for each channel. */
const FILE_RATE_HZ = 16_000;

/** Plays a file of the user's own machine, which is decoded here and sent nowhere. */
export async function createFilePlayer(file: File): Promise<Player> {
  const context = new AudioContext({ sampleRate: FILE_RATE_HZ });
  const buffer = await context.decodeAudioData(await file.arrayBuffer());
  let source: AudioBufferSourceNode | null = null;
  let started = { at: 0, from: 0, to: 0, speed: 1 };
  const stop = () => {
    const playing = source;
    source = null;
    playing?.stop();
  };
  return {
    duration: buffer.duration,
    async play(from, to, speed, onEnd) {
      stop();
      await context.resume();
      const next = context.createBufferSource();
      next.buffer = buffer;
      next.playbackRate.value = speed;
      next.connect(context.destination);
      next.addEventListener('ended', () => {
        if (source !== next) return;
        source = null;
        onEnd();
      });
      source = next;
      started = { at: context.currentTime, from, to, speed };
      next.start(0, from, to - from);
    },
    stop,
    position() {
      if (source === null) return null;
      return Math.min(started.to, started.from + (context.currentTime - started.at) * started.speed);
    },
    dispose() {
      stop();
      void context.close();
    },
  };
}
