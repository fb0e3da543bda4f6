import type { Language } from '../language.ts';
import { parseLanguageCode } from '../language-code.ts';
import { MarkerTable, parseMarkerRules } from './table.ts';

/**
 * Markers of the most frequent conventions (MFA, FAVE and LDC corpora, Transcriber, GAT, CHAT, BAS and HTML), in the format of
 * `_markers.txt`.
 */
const COMMON = `
{*}         noise
[*]         noise
[[*]]       noise
<*>         noise
(*)         words
((*))       words

;; not understood
(())        speech
[unk]       speech
[xx*]       speech
[yyy]       speech
[www]       speech
<usb>       speech
<cutoff*>   speech
xx          speech
xxx         speech
xxxx        speech
yyy         speech
www         speech
spn         speech
**          speech
***         speech
****        speech

;; nothing is heard
[sil]       silence
[sp]        silence
[eps]       silence
<s>         silence
</s>        silence
<p>         silence
<p:>        silence
{sl}        silence
(-)         silence
[blank_audio] silence
sil         silence
sp          silence
!sil        silence

;; noises, and codes of CHAT about the word or noise before them
nsn         noise
&=*         noise
[/*]        noise
[=*]        noise
[:*]        noise
[+*]        noise
[%*]        noise
[!*]        noise
[^*]        noise

;; HTML
<b>         markup
</b>        markup
<i>         markup
</i>        markup
<u>         markup
</u>        markup
<em>        markup
</em>       markup
<strong>    markup
</strong>   markup
<font*>     markup
</font>     markup
<span*>     markup
</span>     markup
`;

/** Words that transcribers write in brackets, by language. `*` stands for any ending. */
const VOCABULARY: Readonly<Record<string, { readonly [Kind in 'noise' | 'speech' | 'silence']: string }>> = {
  eng: {
    noise:
      'laugh* chuckl* giggl* cough* sneez* sniff* sigh* breath breaths breathes breathing inhal* exhal* gasp* yawn* ' +
      'throat groan* grunt* sob sobs sobbing cries crying hums humming whistl* burp* lipsmack* smack* click* tsk noise* ' +
      'nonspeech vocnoise music applau* clapping beep* static background',
    speech: 'unintelligible inaudible indistinct unclear incomprehensible crosstalk unsure',
    silence: 'silence pause pauses',
  },
  fra: {
    noise:
      'rire rires rit rient toux tousse soupir* souffle respir* inspir* expir* renifl* bâill* éternu* sanglot* bruit* ' +
      'musique applaudi*',
    speech: 'inaudible incompréhensible inintelligible',
    silence: 'silence pause',
  },
  deu: {
    noise:
      'lach* gelächter kicher* hust* räusper* atm* einatm* ausatm* seufz* niest niesen schnief* weint geräusch* lärm ' +
      'musik klatsch* applaus schmatz*',
    speech: 'unverständlich* unv. unv',
    silence: 'pause stille schweigen',
  },
  spa: {
    noise: 'risa* ríe* tos tose suspir* respir* inspir* carraspe* estornud* ruido* música aplauso*',
    speech: 'inaudible ininteligible incomprensible',
    silence: 'silencio pausa',
  },
  swe: {
    noise:
      'skratt* fniss* host* suck* andas andning inandning utandning harkl* nys* buller brus musik applåd*',
    speech: 'ohörbar* oförståelig*',
    silence: 'paus tystnad',
  },
  dan: {
    noise: 'griner grin latter ler host* suk sukker rømmer ånder støj musik klapper',
    speech: 'uforståelig* uhørbar*',
    silence: 'pause stilhed',
  },
  nor: {
    noise: 'ler latter fnis* host* sukk* kremt* puster støy musikk klapp*',
    speech: 'uforståelig* uhørbar*',
    silence: 'pause stillhet',
  },
  isl: {
    noise: 'hlær hlátur hlæja hlæj* hóst* andvarp* ræsk* hávaði tónlist',
    speech: 'óskiljanleg* ógreinileg*',
    silence: 'þögn hlé',
  },
  nld: {
    noise: 'lach* gelach hoest* zucht* adem* kuch* niest geluid* lawaai muziek applaus',
    speech: 'onverstaanbaar',
    silence: 'stilte pauze',
  },
  ita: {
    noise: 'ride ridono risa risata risate tosse tossisce sospir* respir* rumor* musica applaus*',
    speech: 'incomprensibile inudibile inintelligibile',
    silence: 'silenzio pausa',
  },
  por: {
    noise: 'ri riso* risada* tosse suspir* respir* ruído* barulho música aplauso*',
    speech: 'ininteligível inaudível incompreensível',
    silence: 'silêncio pausa',
  },
  fin: {
    noise: 'nauraa naurua nauru yskä* huokaus huokaa hengit* melua musiikki*',
    speech: 'epäselv*',
    silence: 'tauko hiljaisuus',
  },
};
const SAME_VOCABULARY: Readonly<Record<string, string>> = { nob: 'nor', nno: 'nor' };

/**
 * The markers of a language: the common conventions, English words in brackets (which occur in transcripts of all languages), words
 * of the language itself, and its own `_markers.txt`. A later one replaces an earlier one.
 */
export function markersOf({ code, markerRules = [] }: Pick<Language, 'code' | 'markerRules'>): MarkerTable {
  const language = parseLanguageCode(code)?.language ?? '';
  const own = SAME_VOCABULARY[language] ?? language;
  const text = [COMMON, vocabularyOf('eng'), vocabularyOf(own)].join('\n');
  return new MarkerTable([...parseMarkerRules(text).rules, ...markerRules]);
}

function vocabularyOf(language: string): string {
  return Object.entries(VOCABULARY[language] ?? {})
    .flatMap(([kind, words]) => words.split(' ').map((word) => `[${word}] ${kind}`))
    .join('\n');
}
