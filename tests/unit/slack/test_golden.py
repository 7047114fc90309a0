"""Posts that handlers make look as they did when somebody last looked at them."""

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.replies import post_codec
from tests.golden import Album
from tests.slack.validation import check_blocks, check_size, check_text, check_view
from tests.unit.slack.looks import look_of


@pytest.mark.parametrize("name", Album("slack", renew=False).names())
def test_a_post_looks_as_it_did(name: str, slack_album: Album) -> None:
    kept = slack_album.kept(name)
    look = look_of(post_codec.validate_python(kept["post"]))
    if slack_album.renew:
        slack_album.keep(name, {**kept, **look})
    assert {"post": kept["post"], **look} == slack_album.kept(name)


@pytest.mark.parametrize("name", Album("slack", renew=False).names())
def test_slack_takes_what_is_kept(name: str, slack_album: Album) -> None:
    kept = slack_album.kept(name)
    for message in kept["messages"]:
        assert check_blocks(message["blocks"]) == []
        assert (check_size(message["blocks"]), check_text(message["text"], edit=True)) == (
            None,
        ) * 2
        for block in Block.parse_all(message["blocks"]):
            block.validate_json()
    if view := kept["modal"]:
        assert check_view(view) == []
        View(**view).validate_json()


def test_something_is_kept(slack_album: Album) -> None:
    assert len(slack_album.names()) > 15
