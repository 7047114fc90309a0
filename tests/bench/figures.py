"""What was measured, as tables for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any


@dataclass
class Table:
    """Rows of figures under one title; the first column names what was measured."""

    title: str
    columns: Sequence[str]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, **figures: Any) -> None:
        """Add a row: its figures by column; those it lacks stay empty."""
        assert set(figures) <= set(self.columns), figures
        self.rows.append({self.title: name, **figures})

    def lines(self) -> list[str]:
        """Return the table as text, its columns aligned, without those that are empty."""
        filled = {name for row in self.rows for name in row}
        names = [self.title, *(name for name in self.columns if name in filled)]
        cells = [names, *([_shown(row.get(name)) for name in names] for row in self.rows)]
        widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
        return [
            "  ".join(
                cell.rjust(width) if at else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in cells
        ]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which this many percent of the values lie."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def times(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Return how many times theirs ours is: the medians', like `1.04×`."""
    return f"{median(ours) / median(theirs):.2f}×"
