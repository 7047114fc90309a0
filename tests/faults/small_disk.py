"""A desk whose database lies on a file system that fills up while people write.

`python -m tests.faults.small_disk FOLDER` prints what came of it, as JSON. FOLDER is where the
small file system is; only this process and its children need to see it.
"""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from bot.errors import StorageError
from bot.web.server import application
from tests.desk import Desk
from tests.service import BOT, Shown

LEFT = 150_000  # bytes that are free when the rest is taken: a few messages fit in
TRIES = 10  # how often the service tells again while the disk is full


class SmallDisk:
    """What happens there, and what is seen meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"
        self._folder = folder
        self.desk = Desk(folder / "desk.db")
        self.said: list[str] = []

    async def tells_all(self) -> dict[str, Any]:
        """Tell the whole story."""
        desk = self.desk
        await desk.opens()
        await self.ask()
        await desk.rests()
        self.fill()
        while await self.ask():
            pass
        full = {"stored": len(self.said) - 1, "page": await self.page()}
        full["acknowledged"] = [await self.tell_again() for _ in range(TRIES)]
        full["page_later"], full["told"] = await self.page(), desk.texts("support")
        self._ballast.unlink()
        assert await self.tell_again()
        assert all([await self.ask() for _ in range(5)])
        await self.all_done()
        found = {"full": full, "page": await self.page(), **self.outcome()}
        await desk.stops()
        return found

    async def ask(self) -> bool:
        """Have somebody report a problem; True when the service hears that it is stored."""
        self._last = self.desk.message("alice", f"!ticket open lamp {len(self.said)} is dark")
        self.said.append(self._last.message)
        return await self.tell_again()

    async def tell_again(self) -> bool:
        """Have the service tell the newest message once more, a while later."""
        self.desk.clock.advance(timedelta(seconds=5))
        try:
            await self.desk.stores(self._last)
        except StorageError:
            return False
        return True

    async def all_done(self) -> None:
        """Let time pass until everything is handled and said."""
        resting = asyncio.ensure_future(self.desk.rests())
        while not resting.done():
            self.desk.clock.advance(timedelta(seconds=5))
            await asyncio.wait([resting], timeout=0.02)
        await resting

    def fill(self) -> None:
        """Take nearly all space that is left."""
        disk = os.statvfs(self._folder)
        self._ballast.write_bytes(bytes(disk.f_bavail * disk.f_frsize - LEFT))

    async def page(self) -> list[Any]:
        """Return the health page's status, and what it says of the database."""
        async with TestClient(TestServer(application(self.desk.bot.health))) as client:
            answer = await client.get("/health/ready")
            return [answer.status, (await answer.json())["parts"]["database"]["detail"]]

    def outcome(self) -> dict[str, Any]:
        """Return who was answered, in the order of the answers, and what is stored."""
        answers: list[Shown] = [
            shown for shown in self.desk.visible("support") if shown.who == BOT and shown.thread
        ]
        return {
            "said": self.said,
            "told": self.desk.texts("support"),
            "answered": [shown.thread for shown in answers],
            "lamps": [text for (text,) in self.desk.rows("SELECT subject FROM ticket ORDER BY id")],
            "cards": sum("is dark" in text for text in self.desk.texts("staff")),
            "undone": self.desk.rows("SELECT count(*) FROM inbox WHERE state != 'handled'")[0][0],
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(SmallDisk(Path(sys.argv[1])).tells_all())))  # noqa: T201 - its result
