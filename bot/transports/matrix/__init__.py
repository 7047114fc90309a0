"""Matrix, by matrix-nio's client."""

from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport

__all__ = ["MatrixSettings", "MatrixTransport"]
