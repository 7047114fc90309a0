"""What of people's text may reach a service, and which addresses may become links?"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https", "mailto"})
_LONGEST_LINK = 2000
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Embeddings, overrides and isolates of https://www.unicode.org/reports/tr9/ reach beyond the text
# they stand in; marks do not, and Arabic and Hebrew need them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_VARIANTS = str.maketrans("", "", "\ufe0e\ufe0f")


def kept(text: str) -> str:
    """Drop control characters other than tabs and line breaks, which become `\\n`."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def safe(text: str) -> str:
    """Return text as it may be shown: what turns the text around it is dropped as well."""
    return _TURNING.sub("", kept(text))


def is_link(url: str) -> bool:
    """Tell whether an address may become a link."""
    if len(url) > _LONGEST_LINK or any(c.isspace() for c in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.netloc or parts.scheme == "mailto")


def bare(emoji: str) -> str:
    """Return an emoji without variation selectors."""
    return emoji.translate(_VARIANTS)
