"""Runs Deskside itself, with one command more: the arguments are its own."""

from __future__ import annotations

from bot import __main__ as program
from bot import compose
from bot.router import Router
from tests.bench.commands import router


def routers(product: tuple[Router, ...] = compose.routers()) -> tuple[Router, ...]:
    return (*product, router)


if __name__ == "__main__":
    compose.routers = routers
    program.main()
