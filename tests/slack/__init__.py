"""Slack, as its documentation describes it, on this machine: what the bot's Slack is judged by."""
