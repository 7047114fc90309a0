"""How is a line of text cut into comparable words, and is it a question at all?"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import snowballstemmer  # type: ignore[import-untyped]  # it has no stubs

from knowledge import words as lists

MAX_CHARACTERS: Final = 4_000  # a long e-mail; what follows is signature and quotation
FUNCTION_WORD_WEIGHT: Final = 0.3
TROUBLE_WEIGHT: Final = 0.6  # "broken" tells that something is wrong, not what

# Han, kana and Hangul: scripts whose words are not reliably separated by spaces.
_ASIAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN: Final = re.compile(rf"[{_ASIAN}]+|(?:(?![{_ASIAN}_])\w)+(?:['\-+#](?:(?![{_ASIAN}_])\w)*)*")
_IS_ASIAN: Final = re.compile(rf"[{_ASIAN}]")
_ELISION: Final = re.compile(r"^(?:[cdjlmnst]|qu)'(?=\w)")  # French: l'imprimante, qu'une
_SENTENCE_END: Final = re.compile(r"[.!?\u3002\uff01\uff1f;\n]+")
_QUOTES: Final = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-"}
)


class Term(NamedTuple):
    """A word as written, the stem it is compared by, and how much it says (0 to 1)."""

    word: str
    stem: str
    weight: float


def normalise(text: str) -> str:
    """Return `text` in one form for comparison: NFKC, case folded, length capped."""
    return unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold().translate(_QUOTES)


def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`; runs of Chinese, Japanese or Korean give character pairs."""
    return tuple(part for token in _TOKEN.findall(normalise(text)) for part in _parts(token))


def is_asian(word: str) -> bool:
    """Tell whether `word` starts in a script that is written without reliable spaces."""
    return _IS_ASIAN.match(word) is not None


def stem(word: str, language: str) -> str:
    """Return the Snowball stem of `word`; a language without a stemmer leaves it as it is."""
    return _stem(word, language.partition("-")[0].lower())


def terms(text: str, language: str) -> tuple[Term, ...]:
    """Return the words of `text` with their stems and weights, in order."""
    function_words = lists.FUNCTION_WORDS.get(language.partition("-")[0].lower(), frozenset())
    return tuple(
        Term(word, stem(word, language), _weight(word, function_words)) for word in words(text)
    )


def is_small_talk(text: str) -> bool:
    """Tell whether `text` is only a greeting, thanks or a nod, or has no words at all."""
    tokens = [token.strip("-'+#") for token in _TOKEN.findall(normalise(text))]
    return all(token in lists.SMALL_TALK for token in tokens) or _is_pleasantry(" ".join(tokens))


def looks_like_question(text: str) -> bool:
    """Tell whether a plain message asks for help, so that an answer may be offered unasked.

    Questions, reports of trouble and requests do; greetings, thanks, status notes and chat do not.
    Bare nouns ("lunch") do not; anything else with a question mark does.
    """
    plain = normalise(text)
    if is_small_talk(plain):
        return False
    if "?" in plain:
        return True
    if any(phrase in plain for phrase in lists.SETTLED_PHRASES):
        return False
    sentences = [sentence for part in _SENTENCE_END.split(plain) if (sentence := part.strip())]
    if any(lists.THANKS.intersection(_TOKEN.findall(sentence)) for sentence in sentences[:1]):
        sentences = sentences[1:]
    return any(_asks(sentence) for sentence in sentences)


def _weight(word: str, function_words: frozenset[str]) -> float:
    if word in function_words:
        return FUNCTION_WORD_WEIGHT
    return TROUBLE_WEIGHT if word in lists.TROUBLE else 1.0


def _asks(sentence: str) -> bool:
    tokens = _TOKEN.findall(sentence)
    while tokens and tokens[0] in lists.SMALL_TALK:
        tokens.pop(0)
    rest = " ".join(tokens)
    if not tokens or _is_pleasantry(rest) or rest.startswith(lists.STATEMENT_OPENERS):
        return False
    return (
        tokens[0] in lists.QUESTION_OPENERS
        or not lists.TROUBLE.isdisjoint(tokens)
        or any(f" {phrase} " in f" {rest} " for phrase in lists.TROUBLE_PHRASES)
        or any(cue in sentence for cue in lists.ASIAN_CUES)
    )


def _is_pleasantry(sentence: str) -> bool:
    return any(
        sentence == phrase
        or (sentence.endswith(" " + phrase) and _greets(sentence.removesuffix(phrase)))
        for phrase in lists.PLEASANTRIES
    )


def _greets(sentence: str) -> bool:
    return all(token in lists.SMALL_TALK for token in _TOKEN.findall(sentence))


def _parts(token: str) -> Iterator[str]:
    if is_asian(token):
        yield from (token[i : i + 2] for i in range(max(1, len(token) - 1)))
        return
    plain = _ELISION.sub("", token.rstrip("-'")).removesuffix("'s")
    pieces = [piece for piece in plain.split("-") if piece]
    if (
        len(pieces) == 2 and min(map(len, pieces)) <= 2
    ):  # wi-fi, e-mail, log-in: people write them as one word too
        yield "".join(pieces)
    else:
        yield from pieces


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    algorithm = lists.STEMMERS.get(language)
    if algorithm is None or is_asian(word):
        return word
    # A stemmer keeps its word in itself, so one shared between threads would mix them up.
    return str(snowballstemmer.stemmer(algorithm).stemWord(word))
