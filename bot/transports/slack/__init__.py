"""Slack as a chat service."""
