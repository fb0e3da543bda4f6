import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { aligned, eafTier, makeEaf, referring } from '../../support/eaf.ts';
import { thrownBy } from '../thrown.ts';
import { readEaf, tiersOf } from './read-eaf.ts';

const test = suite('times of annotations in an EAF');

const PARENT = eafTier('anna', [aligned('a1', 1, 2, 'one two three')]);

test('annotations that follow each other without times share the time of their parent evenly', () => {
  // As ELAN writes a Time_Subdivision: the first begins with the parent, the last ends with it.
  const read = readEaf(
    makeEaf({
      times: [1000, 4000, null, null],
      tiers: [
        PARENT,
        eafTier(
          'words',
          [aligned('a2', 1, 3, 'one'), aligned('a3', 3, 4, 'two'), aligned('a4', 4, 2, 'three')],
          'PARENT_REF="anna"',
        ),
      ],
    }),
  );
  assert.deepEqual(tiersOf(read)['*words'], ['1 2 one', '2 3 two', '3 4 three']);
});

test('slots without times lie between the known ones of their own row, wherever they stand in TIME_ORDER', () => {
  const read = readEaf(
    makeEaf({
      times: [1000, null, null, 1000, 3000, 9000],
      tiers: [
        eafTier('anna', [aligned('a1', 1, 5, 'one two'), aligned('a9', 5, 6, 'three')]),
        eafTier('words', [aligned('a4', 2, 5, 'two'), aligned('a2', 4, 2, 'one')], 'PARENT_REF="anna"'),
        eafTier('parts', [aligned('a5', 4, 3, 'o'), aligned('a6', 3, 2, 'ne')], 'PARENT_REF="words"'),
      ],
    }),
  );
  assert.deepEqual(tiersOf(read)['*words'], ['1 2 one', '2 3 two']);
  assert.deepEqual(tiersOf(read)['*parts'], ['1 1.5 o', '1.5 2 ne']);
});

test('tiers get their times after those that they depend on, wherever they stand', () => {
  const read = readEaf(
    makeEaf({
      times: [0, null, null, 4000],
      tiers: [
        eafTier('parts', [aligned('a5', 1, 2, 'o'), aligned('a6', 2, 3, 'ne')], 'PARENT_REF="words"'),
        eafTier('words', [aligned('a2', 1, 3, 'one'), aligned('a3', 3, 4, 'two')], 'PARENT_REF="anna"'),
        eafTier('anna', [aligned('a1', 1, 4, 'one two')]),
      ],
    }),
  );
  assert.deepEqual(tiersOf(read)['*words'], ['0 2 one', '2 4 two']);
  assert.deepEqual(tiersOf(read)['*parts'], ['0 1 o', '1 2 ne']);
});

test('a slot in no row lies halfway between the slots beside it in TIME_ORDER', () => {
  const read = readEaf(
    makeEaf({
      times: [null, 3000, null, null, 6000],
      tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one'), aligned('a2', 3, 4, 'two')])],
    }),
  );
  assert.deepEqual(tiersOf(read), { anna: ['1.5 3 one', '4 5 two'] });
});

test('a row of slots that leads back into itself ends', () => {
  const circle = [aligned('a1', 1, 2, 'one'), aligned('a2', 2, 3, 'two'), aligned('a3', 3, 2, 'three')];
  const read = readEaf(makeEaf({ times: [0, null, null, 3000], tiers: [eafTier('anna', circle)] }));
  assert.deepEqual(tiersOf(read), { anna: ['0 1 one', '1 2 two', '2 1 three'] });
});

test('a slot after which no time is known is reported', () => {
  const error = thrownBy(() =>
    readEaf(makeEaf({ times: [0, null], tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])] })),
  );
  assert.match(
    error.message,
    /^talk\.eaf line 6 column \d+: expected a time after it in TIME_ORDER, found time slots without TIME_VALUE only/,
  );
});

test('an annotation that refers to another has its time', () => {
  const read = readEaf(
    makeEaf({
      times: [500, 1500],
      tiers: [PARENT, eafTier('english', [referring('a2', 'a1', 'eins zwei drei')], 'PARENT_REF="anna"')],
    }),
  );
  assert.deepEqual(tiersOf(read)['*english'], ['0.5 1.5 eins zwei drei']);
});

test('annotations that refer to the same one share its time, in the order of PREVIOUS_ANNOTATION, over any number of tiers', () => {
  const words = [
    referring('a4', 'a1', 'three', 'a3'),
    referring('a2', 'a1', 'one'),
    referring('a3', 'a1', 'two', 'a2'),
  ];
  const morphs = [
    referring('a7', 'a3', 't-'),
    referring('a8', 'a3', '-wo', 'a7'),
    referring('a9', 'a2', 'one'),
  ];
  const read = readEaf(
    makeEaf({
      times: [0, 6000],
      tiers: [
        eafTier('gloss', [referring('b1', 'a7', 'T'), referring('b2', 'a8', 'WO')], 'PARENT_REF="morphs"'),
        eafTier('morphs', morphs, 'PARENT_REF="words"'),
        eafTier('words', words, 'PARENT_REF="anna"'),
        PARENT,
      ],
    }),
  );
  const tiers = tiersOf(read);
  assert.deepEqual(tiers['*words'], ['0 2 one', '2 4 two', '4 6 three']);
  assert.deepEqual(tiers['*morphs'], ['0 2 one', '2 3 t-', '3 4 -wo']);
  assert.deepEqual(tiers['*gloss'], ['2 3 T', '3 4 WO']);
});

test('an order that does not hold loses no annotation', () => {
  const words = [
    referring('a2', 'a1', 'one', 'gone'),
    referring('a3', 'a1', 'two', 'a4'),
    referring('a4', 'a1', 'three', 'a3'),
    referring('a5', 'a1', 'four', 'a2'),
  ];
  const read = readEaf(
    makeEaf({ times: [0, 4000], tiers: [PARENT, eafTier('words', words, 'PARENT_REF="anna"')] }),
  );
  assert.deepEqual(tiersOf(read)['*words'], ['0 1 one', '1 2 four', '2 3 two', '3 4 three']);
});

const MEDIA = {
  wav: '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/Users/x/My%20Talk.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="500"/>',
  film: '<MEDIA_DESCRIPTOR MEDIA_URL="file:///D:/old/cam.mp4" MIME_TYPE="video/mp4" RELATIVE_MEDIA_URL="../talk.mp4" TIME_ORIGIN="2000"/>',
  other: '<MEDIA_DESCRIPTOR MEDIA_URL="file:///D:/old/b.mp4" MIME_TYPE="video/mp4"/>',
};
const withMedia = (...media: string[]) =>
  makeEaf({
    media: media.join(''),
    times: [1000, 2000],
    tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])],
  });
const startIn = (eaf: string, audioName?: string) =>
  tiersOf(readEaf(eaf, audioName === undefined ? {} : { audioName }))['anna']?.[0];

test('times are those of the recording, which is the medium with its name, in whatever folder it was', () => {
  const all = withMedia(MEDIA.wav, MEDIA.film, MEDIA.other);
  assert.equal(startIn(all, 'day 1/My Talk.wav'), '1.5 2.5 one');
  assert.equal(startIn(all, 'talk.wav'), '3 4 one');
  assert.equal(startIn(all, 'b.MP4'), '1 2 one');
  assert.equal(
    startIn(
      withMedia(MEDIA.film, MEDIA.film.replace('talk.mp4', 'talk.wav').replace('2000', '-250')),
      'talk.wav',
    ),
    '0.75 1.75 one',
  );
});

test('of a recording that was renamed there is one medium, or several that begin together', () => {
  assert.equal(startIn(withMedia(MEDIA.wav), 'renamed.wav'), '1.5 2.5 one');
  assert.equal(
    startIn(withMedia(MEDIA.wav, MEDIA.film.replace('2000', '500')), 'renamed.wav'),
    '1.5 2.5 one',
  );
  const error = thrownBy(() => startIn(withMedia(MEDIA.wav, MEDIA.film), 'renamed.wav'));
  assert.match(
    error.message,
    /^talk\.eaf line 3 column \d+: expected one TIME_ORIGIN for the recording, found several \("My Talk\.wav" 500, "talk\.mp4" 2000\); give/,
  );
});

test.run();
