"""What people see every day, drawn to be looked at."""

import pytest

from tests.slack_stories.pages import gallery, page
from tests.slack_stories.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_people_see_every_day_can_be_drawn(desk: Scene) -> None:
    html = page(await gallery(desk))
    for drawn in ("VPN does not connect", "Claim</span>", "Planned maintenance", "Problem</b>"):
        assert drawn in html
    assert "{'type'" not in html  # every kind of block is known to it
