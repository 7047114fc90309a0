"""What a person does in Slack, and what they see there."""

from __future__ import annotations

from tests.slack.workspace import Workspace


class PersonThere:
    """Someone in front of Slack."""

    def __init__(self, workspace: Workspace, id: str) -> None:  # noqa: A002
        self.workspace = workspace
        self.id = id
