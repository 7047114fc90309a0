"""What a look at a set-up says to whoever set it up."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """Sentences for people.

    Attributes:
        wrong: each names a thing that is wrong and what to do.
        notes: what is good to know, or must be looked at by a person.
    """

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
