"""How things are logged: one line each, for machines or for people, without secrets."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.screening import screen

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class Screen(logging.Filter):
    """Masks secrets in every record, whoever logs it, and in what is given with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message and what is extra by their screened text."""
        text = record.getMessage()
        result = screen(text)
        if result.masked:
            record.msg, record.args = result.text, ()
        for key, value in vars(record).items():
            if key not in _STANDARD and isinstance(value, str):
                setattr(record, key, screen(value).text)
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, sentence, and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "sentence": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info:
            line["traceback"] = screen(self.formatException(record.exc_info)).text
        return json.dumps(line, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """A line for people: time, level, sentence, and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        extra = " ".join(
            f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD
        )
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = f"{moment} {record.levelname.lower():7} {record.getMessage()}"
        line = f"{line}  [{extra}]" if extra else line
        if record.exc_info:
            line = f"{line}\n{screen(self.formatException(record.exc_info)).text}"
        return line


def set_up(level: str, style: Literal["text", "json"], stream: TextIO | None = None) -> None:
    """Send everything logged to `stream` (standard error) in one style."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    handler.addFilter(Screen())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # They log room contents, or a line for every wake-up.
    for name in ("nio", "apscheduler", "alembic", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
