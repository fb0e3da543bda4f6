/*
 * Speaks one sentence with espeak-ng and prints when each word and phone starts. The program espeak-ng has no
 * option for that; its library has (speak_lib.h, "espeakINITIALIZE_PHONEME_EVENTS").
 *
 * espeak-times VOICE SENTENCE PCM_FILE
 *
 * PCM_FILE becomes 16-bit mono samples without header. Standard output, one line each, positions in samples:
 *   rate HZ
 *   word POSITION CHARACTER     CHARACTER is where the word starts in the sentence, from 1
 *   phone POSITION LABEL        a label that starts with _ is a pause
 *   end POSITION
 */
#include <espeak-ng/speak_lib.h>
#include <stdio.h>
#include <string.h>

static FILE *pcm;
static long sample_count;

static int on_sound(short *samples, int count, espeak_EVENT *event) {
  if (samples != NULL && count > 0) {
    if (fwrite(samples, sizeof *samples, (size_t)count, pcm) != (size_t)count) return 1;
    sample_count += count;
  }
  for (; event->type != espeakEVENT_LIST_TERMINATED; event++) {
    if (event->type == espeakEVENT_WORD) {
      printf("word %d %d\n", event->sample, event->text_position);
    } else if (event->type == espeakEVENT_PHONEME) {
      /* Eight bytes without a closing zero when the label fills them. */
      printf("phone %d %.8s\n", event->sample, event->id.string);
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 4) return fputs("usage: espeak-times VOICE SENTENCE PCM_FILE\n", stderr), 2;
  int rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL, espeakINITIALIZE_PHONEME_EVENTS);
  if (rate <= 0 || espeak_SetVoiceByName(argv[1]) != EE_OK) return fputs("no such voice\n", stderr), 1;
  if ((pcm = fopen(argv[3], "wb")) == NULL) return perror(argv[3]), 1;
  espeak_SetSynthCallback(on_sound);
  printf("rate %d\n", rate);
  if (espeak_Synth(argv[2], strlen(argv[2]) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, NULL) != EE_OK ||
      espeak_Synchronize() != EE_OK) {
    return fputs("espeak-ng could not speak\n", stderr), 1;
  }
  printf("end %ld\n", sample_count);
  return fclose(pcm) == 0 ? 0 : 1;
}
