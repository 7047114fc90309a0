"""Deskside's core: what carries a message from a chat service to a handler and back."""

__version__ = "0.1.0"
