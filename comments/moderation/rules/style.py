"""How a text is written: its length, its letters, its signs. What transfers from site to site."""

import re
import unicodedata

from ..addresses import ADDRESS
from ..reading import likeness, plain_of, read_article, read_text
from ..text import is_unspaced, script, scripts
from ..types import Finding, Submission
from ..weights import Weights
from .phrases import number, quote
from .writer import looks_random

_CODE_SIGN = re.compile(r"[{}()\[\];=<>`_$#\\/|&*]")
# Each begins with its one sign, so that the search skips all that lies between such signs.
_CODE = re.compile(
    r"[`(.;{}<:=_-](?:(?<=`)(?:``|[^`]+`)|(?<=\w\()\)|(?<=\w\.)\w+\(|(?<=[;{}])\s*$|(?<=<)/?\w+>"
    r"|(?<=:):|(?<=[-=])>|(?<=\w_)\w)",
    re.MULTILINE,
)

# What hardly any text has, and what is looked for must have; to see that costs little.
_SPACED = re.compile(r" [,.!?]")
_WRAPPED = re.compile(r"\n *[a-z]")

# Words from which a text has reason to be written in several lines.
LONG_TEXT = 60

# Fewer digits are no telephone number.
TELEPHONE_DIGITS = 6

# The group is a telephone number. What begins like one is passed over whole, or "000…0x" would be read again
# from each of its signs.
_TELEPHONE = re.compile(r"(?=[+\d])(?:((?:\+|00|\b)\d[\d\s().-]{8,}\d\b)|(?:\+|00|\b)\d[\d\s().-]*)")
_MANY_DIGITS = re.compile(r"\d[\d\s().-]{8}")
_CURRENCIES = "$€£₽₹"
_MONEY = re.compile(rf"[{_CURRENCIES}]\s?\d|(?<=\d)[{_CURRENCIES}]|(?<=\d\s)[{_CURRENCIES}]")


def length(submission: Submission, weights: Weights) -> Finding:
    """Weigh the number of words."""
    found = len(read_text(submission.text).words)
    steps = (
        (0, "none"),
        (3, "to_3"),
        (8, "to_8"),
        (16, "to_16"),
        (30, "to_30"),
        (60, "to_60"),
        (120, "to_120"),
        (250, "to_250"),
    )
    case = next((case for most, case in steps if found <= most), "more")
    return weights.finding("length", case, number(found, "word"))


def lines(submission: Submission, weights: Weights) -> Finding:
    """Weigh the number of lines: one, a paragraph or two, a list or a wrapped letter."""
    found = sum(bool(line.strip()) for line in submission.text.split("\n"))
    case = "one" if found <= 1 else "two" if found == 2 else "few" if found <= 5 else "many"
    if len(read_text(submission.text).words) > LONG_TEXT:
        case += "_long"
    return weights.finding("lines", case, number(found, "line"))


def variety(submission: Submission, weights: Weights) -> Finding:
    """Weigh how often words come back, and how long they are."""
    reading = read_text(submission.text)
    if len(reading.words) < 12:
        return weights.finding("variety", "short", "too few words to say")
    share = len(reading.distinct) / len(reading.words)
    mean = sum(map(len, reading.words)) / len(reading.words)
    kind = "repeating" if share < 0.55 else "usual" if share < 0.8 else "varied"
    size = "short" if mean < 3.9 else "long" if mean > 4.8 else "middle"
    return weights.finding(
        "variety", f"{kind}_{size}", f"{share:.0%} of the words differ; they have {mean:.1f} letters"
    )


def capitals(submission: Submission, weights: Weights) -> Finding:
    """Weigh capital letters: none at all, the usual share, shouting, Every Word."""
    plain = read_text(submission.text).plain
    signs = read_text(submission.text).signs
    letters = sum(count for sign, count in signs.items() if sign.isalpha())
    if letters < 8:
        return weights.finding("capitals", "short", "too few letters to say")
    share = sum(count for sign, count in signs.items() if sign.isupper()) / letters
    if share == 0:
        case = "none"
    elif share < 0.12:
        case = "usual_lower_start" if plain.strip()[:1].islower() else "few" if share < 0.025 else "usual"
    else:
        case = "many" if share < 0.4 else "shouting"
    return weights.finding("capitals", case, f"{share:.0%} of the letters are capitals")


def punctuation(submission: Submission, weights: Weights) -> Finding:
    """Look for signs set as no keyboard writer sets them, as texts put together by a program have them."""
    plain = read_text(submission.text).plain
    if re.search(r"\|\s*$", plain):
        return weights.finding("punctuation", "torn", "the text ends in a bar, as torn out of a template")
    wrapped = len(re.findall(r"[a-z,] *\n *[a-z]", plain)) if _WRAPPED.search(plain) else 0
    if wrapped:
        return weights.finding(
            "punctuation", "wrapped", f"{number(wrapped, 'line')} broken within a sentence"
        )
    spaced = len(re.findall(r"\w +[,.!?](?:\s|$)", plain)) if _SPACED.search(plain) else 0
    if spaced:
        case = "spaced" if spaced == 1 else "spaced_often"
        return weights.finding("punctuation", case, f"{number(spaced, 'space')} before a sign")
    if re.search(r"[,!?.](?:(?<=[a-z][,!?])[A-Za-z]|(?<=[a-z]\.)[A-Z])", plain):
        return weights.finding("punctuation", "unspaced", "no space after a sign")
    return weights.finding("punctuation", "usual", "signs as usual")


def ending(submission: Submission, weights: Weights) -> Finding:
    """Weigh how the text ends."""
    typed = submission.text.rstrip()
    last = typed[-1:]
    if ADDRESS.search(typed[-200:].split()[-1] if typed.split() else ""):
        return weights.finding("ending", "address", "the text ends in an address")
    kinds = {
        ".": "dot",
        "…": "dot",
        "!": "exclamation",
        "?": "question",
        ")": "bracket",
        ":": "other",
        ",": "comma",
    }
    case = kinds.get(last, "letter" if last.isalnum() else "other")
    if case == "dot" and typed.endswith(".."):
        case = "dots"
    return weights.finding("ending", case, f"the text ends in {quote(last)}" if last else "no text")


def exclamations(submission: Submission, weights: Weights) -> Finding:
    """Weigh the number of exclamation marks."""
    found = submission.text.count("!")
    case = "none" if not found else "one" if found == 1 else "few" if found <= 3 else "many"
    return weights.finding("exclamations", case, number(found, "exclamation mark"))


def conversation(submission: Submission, weights: Weights) -> Finding:
    """Look for what people write to each other: a question, somebody's name, words quoted from above."""
    text = submission.text
    if "@" in text and re.search(r"(?:^|\s)@\w", text):
        return weights.finding("conversation", "addressed", "speaks to somebody by name")
    if re.search(r"(?m)^[^\S\n]*>", submission.body):
        return weights.finding("conversation", "quoting", "quotes a line")
    asks = "?" in read_text(text).plain
    marked = bool(re.search(r"[\"“”«»]", text))
    case = ("question_quote" if marked else "question") if asks else "quote" if marked else "none"
    detail = {"none": "no question, no quotation", "quote": "a quotation"}.get(case, "asks a question")
    return weights.finding("conversation", case, detail)


def technical(submission: Submission, weights: Weights) -> Finding:
    """Weigh the signs of formulas, code and asides, which advertisements hardly have."""
    plain = plain_of(submission.body)
    found = len(_CODE_SIGN.findall(plain))
    if _CODE.search(plain):
        case = "code" if found >= 4 else "hint"
    else:
        share = found / max(1, len(plain))
        case = "none" if not found else "few" if share < 0.01 else "some" if share < 0.04 else "many"
    return weights.finding("technical", case, number(found, "sign") + " of code or asides")


def voice(submission: Submission, weights: Weights) -> Finding:
    """Look for the marks of hasty and of careful hands: "i" for "I", short forms, dashes, dots, smileys."""
    plain = read_text(submission.text).plain
    if re.search(r"(?<![\w.'’])i(?:['’]m|['’]ve)?(?![.\w'’])", plain) and re.search(r"[a-z]{2}", plain):
        return weights.finding("voice", "small_i", "“i” in small letters")
    if re.search(r"[:;]-?[)DP(]", plain):
        return weights.finding("voice", "smiley", "a smiley")
    if re.search(r"\w[’']\w", plain):
        return weights.finding("voice", "short_forms", "short forms with an apostrophe")
    if "..." in plain or "…" in plain:
        return weights.finding("voice", "dots", "trailing dots")
    return weights.finding("voice", "none", "no mark of a particular hand")


def asides(submission: Submission, weights: Weights) -> Finding:
    """Look for brackets and dashes in a sentence: thoughts put in by somebody who thinks."""
    plain = read_text(submission.text).plain
    bracket, dash = "(" in plain, bool(re.search(r"\s[-–—]{1,2}\s|—", plain))
    case = "both" if bracket and dash else "bracket" if bracket else "dash" if dash else "none"
    return weights.finding("asides", case, "an aside" if case != "none" else "no aside")


def digits(submission: Submission, weights: Weights) -> Finding:
    """Weigh the share of digits; telephone numbers are told from years and versions."""
    reading = read_text(submission.text)
    plain, found = reading.plain, sum(count for sign, count in reading.signs.items() if sign.isdecimal())
    may_be_telephone = found >= TELEPHONE_DIGITS and _MANY_DIGITS.search(plain)
    if may_be_telephone and any(match[1] for match in _TELEPHONE.finditer(plain)):
        return weights.finding("digits", "telephone", "a telephone number")
    if found and not reading.signs.keys().isdisjoint(_CURRENCIES) and _MONEY.search(plain):
        return weights.finding("digits", "money", "a sum of money")
    share = found / max(1, len(plain))
    case = "none" if not share else "few" if share < 0.02 else "some" if share < 0.08 else "many"
    return weights.finding("digits", case, f"{share:.0%} of the signs are digits")


def pictures(submission: Submission, weights: Weights) -> Finding:
    """Weigh emoji and other pictures among the letters."""
    if submission.text.isascii():
        return weights.finding("pictures", "none", "no emoji")
    found = sum(submission.text.count(char) for char in set(submission.text) if _is_picture(char))
    case = "none" if not found else "few" if found <= 3 else "many"
    return weights.finding("pictures", case, f"{found or 'no'} emoji")


def random_words(submission: Submission, weights: Weights) -> Finding:
    """Look for words of random letters, which programs add so that no two comments are equal."""
    found = [
        word for word in re.findall(r"[A-Za-z]{5,}", read_text(submission.text).plain) if looks_random(word)
    ]
    # Names of programming are written so too: one of them is a hint, several in a technical text are none.
    case = "none" if not found else "one" if len(found) == 1 else "few" if len(found) <= 3 else "many"
    detail = f"{quote(found[0])} looks like random letters" if found else "no word of random letters"
    return weights.finding("random_words", case, detail)


def language(submission: Submission, weights: Weights) -> Finding:
    """Compare script and language with the article's: who answers it, answers in its language."""
    if not (submission.article_text or submission.article_title):
        return Finding.not_evaluated("language", "the article has no text to compare with")
    article = read_article(submission.article_title, submission.article_text or "")
    plain = read_text(submission.text).plain
    letters = scripts(read_text(submission.text).signs)
    mine = next(iter(letters), "")
    if not mine or not article.script:
        return weights.finding("language", "none", "no letters to compare")
    if mine != article.script:
        return weights.finding(
            "language", "script", f"written in {mine} letters under an article in {article.script}"
        )
    count = sum(letters.values())
    if count < 20 or article.spelling.total() < 100:
        return weights.finding("language", "short", "too short to tell the language")
    alike = likeness(plain, article)
    size = "brief" if count < 80 else "long"
    steps = ((0.12, "foreign"), (0.25, "unlike"), (0.4, "like"))
    case = next((case for most, case in steps if alike < most), "same")
    return weights.finding("language", f"{case}_{size}", f"spelled {alike:.0%} like the article")


def disguise(submission: Submission, weights: Weights) -> Finding:
    """Look for tricks with letters: mixed scripts in a word, look-alikes, invisible and turning signs."""
    seen = f"{submission.author_name} {submission.text}"
    if seen.isascii():
        return weights.finding("disguise", "none", "no disguised letters")
    signs = set(seen)
    if any(unicodedata.bidirectional(char) in _TURNING for char in signs):
        return weights.finding("disguise", "turning", "signs that turn the direction of the text")
    # Words of plain letters are mixed with none.
    has_others = any(char.isalpha() and not char.isascii() for char in signs)
    for word in re.findall(r"\w{2,}", seen) if has_others else ():
        if not word.isascii() and len({script(char) for char in word if char.isalpha()} & _ALIKE) > 1:
            return weights.finding("disguise", "mixed", f"letters of several scripts in {quote(word)}")
    if sum(seen.count(char) for char in signs if _is_fancy(char)) >= 3:
        return weights.finding("disguise", "fancy", "letters in fancy shapes")
    if sum(map(seen.count, _INVISIBLE)) >= 2:
        return weights.finding("disguise", "invisible", "invisible signs among the letters")
    return weights.finding("disguise", "none", "no disguised letters")


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So"


def _is_fancy(char: str) -> bool:
    """Find letters that only look different. Korean laughter and Han of old character sets are no play."""
    return (
        ord(char) > 0x2000
        and char.isalpha()
        and not is_unspaced(char)
        and unicodedata.normalize("NFKC", char) != char
    )


# Scripts whose letters look alike. Others stand side by side in honest words, as kana and Han do.
_ALIKE = frozenset(("Latin", "Greek", "Cyrillic"))
_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
# Zero-width space, word joiner, soft hyphen, byte order mark. Joiners are left out: Persian needs them.
_INVISIBLE = frozenset("\u200b\u2060\u00ad\ufeff\u180e")
