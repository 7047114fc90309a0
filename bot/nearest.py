"""Which command may somebody have meant who typed none?"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from bot.errors import NearMiss, UnknownCommand


def nearest(
    first: str,
    second: str | None,
    known: Mapping[str, Sequence[str]],
    usage: Callable[[tuple[str, str]], str],
) -> UnknownCommand:
    """Return the refusal of two typed words, which names the nearest command.

    Args:
        first: as it was typed.
        second: as it was typed, if it was.
        known: the second words of each first word, of which only these are named.
        usage: how the command of two words is used.

    Returns:
        A NearMiss when it is very near.
    """
    if first not in known:
        near = difflib.get_close_matches(first, sorted(known), n=1, cutoff=0.6)
        hint = f"Did you mean “{near[0]}”? " if near else ""
        msg = f"I do not know the command “{first}”. {hint}“help” lists what I can do."
        meant = near and second in (None, *known[near[0]])
        return (NearMiss if meant else UnknownCommand)(msg, first, second)
    listed = ", ".join(known[first])
    if second is None:
        return NearMiss(f"“{first}” needs one more word: {listed}.", first, second)
    near = difflib.get_close_matches(second, known[first], n=1, cutoff=0.6)
    if near:
        msg = f"“{first} {second}” is not a command. Did you mean “{usage((first, near[0]))}”?"
        return NearMiss(msg, first, second)
    msg = f"“{first} {second}” is not a command; after “{first}” comes {listed}."
    return UnknownCommand(msg, first, second)
