"""A support room in the terminal: for trying Deskside out, for scripts and for tests."""

from bot.transports.console.transport import ConsoleTransport

__all__ = ["ConsoleTransport"]
