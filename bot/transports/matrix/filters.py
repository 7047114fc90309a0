"""What is asked of the homeserver: as little as the bot reads.

https://spec.matrix.org/v1.16/client-server-api/#filtering
"""

from __future__ import annotations

import json

from bot.transports.matrix.standing import TYPES

TIMELINE_LIMIT = 1000  # events of a room in one answer; the rest is read as a gap
_SAID = ("m.room.message", "m.reaction", "m.room.redaction")
_NOTHING: dict[str, object] = {"types": [], "limit": 1}


def sync_filter(*, first: bool) -> str:
    """Return the filter of a sync; the first one needs no history."""
    return _dumped(
        {
            "presence": _NOTHING,
            "account_data": {"types": ["m.direct"]},
            "room": {
                "timeline": {
                    "limit": 1 if first else TIMELINE_LIMIT,
                    "types": [*_SAID, *TYPES],
                    # Who is in a staff room decides what they may do.
                    "lazy_load_members": False,
                },
                "state": {"types": list(TYPES), "lazy_load_members": False},
                "ephemeral": _NOTHING,
                "account_data": _NOTHING,
            },
        }
    )


def outlook_filter() -> str:
    """Return the filter of a look at what waits for us, without any room's members."""
    return _dumped(
        {
            "presence": _NOTHING,
            "account_data": {"types": ["m.direct"]},
            "room": {
                "timeline": _NOTHING,
                "state": {"types": ["m.room.tombstone"], "lazy_load_members": True},
                "ephemeral": _NOTHING,
                "account_data": _NOTHING,
            },
        }
    )


def history_filter() -> str:
    """Return the filter of the pages of a gap."""
    return _dumped({"types": [*_SAID, *TYPES], "lazy_load_members": False})


def _dumped(value: dict[str, object]) -> str:
    return json.dumps(value, separators=(",", ":"))
