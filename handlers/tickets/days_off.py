"""On which days does a team not work, whatever day of the week it is?"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The public holidays of a place, and what a team changes about them.

    Args:
        place: an ISO 3166 country or a part of one: "DE", "DE-BY"; empty for none.
        closed: more days on which nobody works.
        working: holidays on which people work all the same; they go before `closed`.

    Raises:
        ValueError: there is no such place; it names those that are near.
    """

    place: str = ""
    closed: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a place nobody knows the holidays of."""
        if self.place:
            _check(self.place)

    def __call__(self, day: date) -> bool:
        """Tell whether nobody works on a day."""
        if day in self.working:
            return False
        return day in self.closed or (bool(self.place) and day in _holidays(self.place, day.year))


def _check(place: str) -> None:
    import holidays  # half a second, which only those wait for who keep holidays

    country, _, part = place.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        msg = f"“{country}” is not a country whose holidays are known; expected such as DE or US-CA"
        raise ValueError(msg)
    if part and part not in known[country]:
        near = difflib.get_close_matches(part, known[country], n=1, cutoff=0.6)
        listed = ", ".join(near or known[country]) or "none"
        msg = f"“{part}” is not a part of {country} with holidays of its own; there is {listed}"
        raise ValueError(msg)


@lru_cache(maxsize=1024)
def _holidays(place: str, year: int) -> frozenset[date]:
    """Return a year's holidays, in a set that does not change.

    The library's own fill themselves while they are asked: another thread could read one
    that is half full.
    """
    import holidays

    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
