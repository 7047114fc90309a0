"""The README's marked blocks, so that what it shows is what runs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def block(marker: str, document: str = "README.md") -> str:
    """Return the fenced block after `<!-- marker -->`.

    Raises:
        LookupError: there is none.
    """
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", text, re.DOTALL)
    if found is None:
        msg = f"{document} has no block marked <!-- {marker} -->"
        raise LookupError(msg)
    return found[1]
