"""What posts looked like when somebody last looked at them, and how to look again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Album:
    """The kept looks of posts on one service, a file each.

    Args:
        service: the name of its folder.
        renew: write files anew (`--renew`) instead of comparing with them.
    """

    def __init__(self, service: str, *, renew: bool) -> None:
        """See the class."""
        self._folder = HERE / service
        self.renew = renew

    def names(self) -> list[str]:
        """Return the names of all that is kept."""
        return sorted(file.stem for file in self._folder.glob("*.json"))

    def kept(self, name: str) -> Any:
        """Return what is kept under a name."""
        return json.loads(self._file(name).read_text(encoding="utf-8"))

    def keep(self, name: str, value: object) -> None:
        """Keep something under a name."""
        text = json.dumps(value, ensure_ascii=False, indent=2)
        self._file(name).write_text(f"{text}\n", encoding="utf-8")

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
