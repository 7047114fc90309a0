"""How often the Web API may be called.

https://docs.slack.dev/apis/web-api/rate-limits: tiers are counted per method, workspace and app;
posting is "1 per second" and channel with short bursts, and limited for the workspace as a whole.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque

from bot.clock import Clock

MINUTE = 60.0
PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
# The page promises one message a second, "short bursts >1 allowed", and names no size.
BURST = 5
# "Several hundred messages per minute" and workspace.
POSTS_PER_MINUTE = 300
# Of conversations.history and .replies for what is sold outside the Marketplace:
# https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
DISTRIBUTED_PER_MINUTE = 1
# No number is published for what the documentation calls special.
SPECIAL_PER_MINUTE = 600


class Limits:
    """Counts calls on the double's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._channels: dict[str, float] = {}  # when its burst will have been worked off

    def per_minute(self, key: str, allowed: int) -> int | None:
        """Count a call; return the seconds to wait when there were too many already."""
        now, calls = self._clock.elapsed(), self._calls[key]
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= allowed:
            return _wait(calls[0] + MINUTE - now)
        calls.append(now)
        return None

    def per_channel(self, channel: str) -> int | None:
        """Count a message; return the seconds to wait when the channel had too many."""
        now = self._clock.elapsed()
        busy_until = max(self._channels.get(channel, now), now)
        if busy_until - now > BURST - 1:
            return _wait(busy_until - now - (BURST - 1))
        self._channels[channel] = busy_until + 1
        return None


def _wait(seconds: float) -> int:
    """Return whole seconds, as the header has them."""
    return max(1, math.ceil(seconds))
