"""Which posts hold text of which messages, so that what is deleted vanishes there too?"""

from __future__ import annotations

from sqlalchemy import select

from bot.storage.tables import OutboxRow, QuoteRow, table_of
from bot.storage.unit import Unit

_OUTBOX = table_of(OutboxRow).c
_QUOTE = table_of(QuoteRow).c


def quoted_in(unit: Unit, key: str) -> tuple[tuple[int, str], ...]:
    """Return the messages a lasting post has ever quoted: (database id of the room, message)."""
    rows = unit.connection.execute(
        select(_QUOTE.room_id, _QUOTE.message)
        .join_from(QuoteRow, OutboxRow, _OUTBOX.id == _QUOTE.delivery_id)
        .where(_OUTBOX.post_key == key)
        .distinct()
    )
    return tuple((row.room_id, row.message) for row in rows)


def quoting(unit: Unit, room_id: int, message: str) -> list[str]:
    """Return the keys of the lasting posts that have ever quoted a message."""
    rows = unit.connection.execute(
        select(_OUTBOX.post_key)
        .join_from(QuoteRow, OutboxRow, _OUTBOX.id == _QUOTE.delivery_id)
        .where(_QUOTE.room_id == room_id, _QUOTE.message == message, _OUTBOX.post_key.is_not(None))
        .distinct()
    )
    return sorted(rows.scalars())
