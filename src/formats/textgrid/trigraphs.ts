/** Signs that follow a letter, each with the combining character that it stands for and the letters that may have it. */
const ACCENTS: readonly (readonly [sign: string, combining: string, letters: string])[] = [
  ['`', '\u0300', 'aeiouAEIOU'],
  ["'", '\u0301', 'aceinosuyzACEINOSUYZ'],
  ['^', '\u0302', 'aeiouAEIOU'],
  ['~', '\u0303', 'anoANO'],
  ['"', '\u0308', 'aeiouyAEIOUY'],
  ['o', '\u030a', 'auAU'],
  [':', '\u030b', 'ouOU'],
  ['<', '\u030c', 'cdegnrstzCDEGNRSTZ'],
  ['!', '\u0307', 'zZ'],
  [',', '\u0327', 'cC'],
  [';', '\u0328', 'aeAE'],
];
const LETTERS =
  'ss ß ae æ Ae Æ oe œ o/ ø O/ Ø l/ ł L/ Ł d- đ D- Đ th þ Th Þ dh ð a_ ª o_ º fd ƒ ' +
  'al α be β ga γ de δ ep ε ze ζ et η te θ t2 ϑ io ι ka κ la λ mu μ nu ν xi ξ on ο pi π ro ρ si σ s2 ς ta τ up υ ' +
  'FI ﬁ FL ﬂ fi φ f2 ϕ ci χ ps ψ om ω o2 ϖ Al Α Be Β Ga Γ De Δ Ep Ε Ze Ζ Et Η Te Θ Io Ι Ka Κ La Λ Mu Μ Nu Ν Xi Ξ On Ο Pi Π ' +
  'Ro Ρ Si Σ Ta Τ Up Υ Fi Φ Ci Χ Ps Ψ Om Ω';
const SIGNS =
  '!d ¡ ?d ¿ -h \u00ad -- – \'a \' "l “ "r ” << « >> » bs \\ .c · dg ° c/ ¢ Lp £ cu ¤ eu € Y= ¥ SS § || ¶ co © re ® ' +
  'TM ™ tm ™ +- ± xx × :- ÷ bu • ap ʼ \'p ′ "p ″ [f [ ]f ]';
const PHONES =
  'at ɐ as ɑ ab ɒ ay ɒ b^ ɓ bc ʙ ct ɔ cc ɕ d. ɖ d^ ɗ e- ɘ sw ə sr ɚ ef ɛ er ɜ kb ɞ j- ɟ g^ ɠ gs ɡ gc ɢ gf ɣ rh ɤ G^ ʛ ' +
  'h- ħ ht ɥ h^ ɦ hj ɧ hc ʜ i- ɨ ic ɪ jc ʝ l~ ɫ l- ɬ l. ɭ lz ɮ lc ʟ mt ɯ ml ɰ mj ɱ ng ŋ nj ɲ n. ɳ nc ɴ o- ɵ Oe ɶ ' +
  'ff ɸ rt ɹ rl ɺ r. ɻ f. ɽ fh ɾ rc ʀ ri ʁ s. ʂ sh ʃ j^ ʄ t. ʈ u- ʉ hs ʊ vs ʋ vt ʌ wt ʍ yt ʎ yc ʏ z. ʐ zc ʑ zh ʒ ' +
  "?g ʔ 9e ʕ O. ʘ ?- ʡ 9- ʢ |1 ǀ |2 ǁ |- ǂ |f | bf β tf θ cf χ ts ʦ tS ʧ :f ː .f ˑ hr ˞ '1 ˈ '2 ˌ id ɿ ir ʅ _u ‿ " +
  '^h ʰ ^H ʱ ^j ʲ ^w ʷ ^Y ᶣ ^y ʸ ^? ˀ ^9 ˁ ^l ˡ ^s ˢ ^g ˠ ^M ᵚ ^G ᶭ ^x ˣ ^f ᶠ ^n ⁿ ^m ᵐ ^N ᵑ';
const HEBREW =
  '?+ א B+ ב G+ ג D+ ד H+ ה V+ ו Z+ ז X+ ח Y+ ט J+ י K% ך K+ כ L+ ל M% ם M+ מ N% ן N+ נ S+ ס 9+ ע P% ף P+ פ C% ץ C+ צ Q+ ק R+ ר W+ ש T+ ת ' +
  'hI \u05b4 cE \u05b5 sE \u05b6 pA \u05b7 qA \u05b8 hO \u05b9 qU \u05bb dq \u05bc sU \ufb35 vO \ufb4b';
/** Trigraphs that stand after a letter and add a diacritic to it. */
const DIACRITICS =
  "`^ \u0300 '^ \u0301 ^^ \u0302 ~^ \u0303 -^ \u0304 :^ \u0308 0^ \u030a v^ \u030c x^ \u033d N^ \u0306 cn \u031a cv \u031c " +
  'T^ \u031d Tv \u031e T( \u0318 T) \u0319 +v \u031f :v \u0324 0v \u0325 |v \u0329 Nv \u032a Uv \u033a Dv \u033b ' +
  'nv \u032f ~v \u0330 -v \u0320 ~< \u0334 3v \u0339 li \u0361';

const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ...ACCENTS.flatMap(([sign, combining, letters]) =>
    [...letters].map((letter) => [letter + sign, (letter + combining).normalize('NFC')] as const),
  ),
  ...[LETTERS, SIGNS, PHONES, HEBREW, DIACRITICS].flatMap((list) => toPairs(list)),
]);

/**
 * Replaces Praat's backslash trigraphs in a label by the characters that Praat shows: `for\e^ts` becomes `forêts`.
 * Trigraphs that Praat does not know, and its mathematical symbols, stay unchanged.
 * Source: Praat manual, "Special symbols" and "Phonetic symbols".
 */
export function readTrigraphs(label: string): string {
  if (!label.includes('\\')) return label;
  return label.replace(/\\([!-~]{2})/g, (whole, key: string) => CHARACTERS.get(key) ?? whole);
}

function toPairs(list: string): (readonly [string, string])[] {
  const parts = list.split(' ');
  return parts.flatMap((part, at) => (at % 2 === 0 ? [[part, parts[at + 1] ?? part] as const] : []));
}
