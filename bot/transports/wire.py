"""What does a chat service's JSON hold, when nothing in it can be relied upon?

Other people's servers and clients make these values, so each is asked for by its
type, and what has another type counts as missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

Object = Mapping[str, object]

EMPTY: Object = MappingProxyType({})

WHOLE = ""  # under this name `parse` returns an array

MAX_DEPTH = 100  # what nests deeper is cut off; no event of ours needs ten levels
_MAX_DIGITS = 18
# Possessive, and a string may lack its end: where one begins, nothing is looked at twice.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def parse(body: bytes) -> Object:
    """Read a JSON object, or an array as the object's only value.

    Too deep values and too long numbers become null.

    Raises:
        ValueError: it is not JSON, or neither.
    """
    text = body.decode(errors="replace")
    try:
        value = json.loads(text)
    except (RecursionError, ValueError):
        # One hostile event must not make a whole sync response unreadable.
        value = json.loads(_flattened(text), parse_int=_integer)
    if isinstance(value, list):
        return {WHOLE: value}
    if not isinstance(value, dict):
        msg = f"expected a JSON object, got {type(value).__name__}"
        raise ValueError(msg)  # noqa: TRY004 - what was sent is wrong, not a type of ours
    return value


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None


def _flattened(text: str) -> str:
    """Replace every value nested deeper than MAX_DEPTH with null."""
    kept: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                kept.append(text[start : token.start()] + "null")
        elif token[0] in "]}":
            depth -= 1
            if depth == MAX_DEPTH:
                start = token.end()
    return "".join(kept) + (text[start:] if depth <= MAX_DEPTH else "")


def text_of(holder: Object, key: str) -> str:
    """Return a string that can be stored anywhere, or ""."""
    value = holder.get(key)
    return clean(value) if isinstance(value, str) else ""


def clean(text: str) -> str:
    """Drop what a database or UTF-8 refuses: NUL and halves of surrogate pairs."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\0", "") if "\0" in text else text


def object_of(holder: Object, key: str) -> Object:
    """Return an object, or an empty one."""
    value = holder.get(key)
    return value if isinstance(value, dict) else EMPTY


def objects_of(holder: Object, key: str) -> list[Object]:
    """Return the objects in a list, without what else is in it."""
    value = holder.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(holder: Object, key: str) -> list[str]:
    """Return the strings in a list, without what else is in it."""
    value = holder.get(key)
    return (
        [clean(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []
    )


def integer_of(holder: Object, key: str) -> int | None:
    """Return an integer, or None."""
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def entries_of(holder: Object, key: str) -> Iterator[tuple[str, Object]]:
    """Yield name and value of the objects in an object."""
    for name, value in object_of(holder, key).items():
        if isinstance(value, dict):
            yield clean(name), value
