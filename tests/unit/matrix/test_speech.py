import pytest

from bot.events import SharedFile
from bot.transports.matrix import speech

ME = "@desk:example.org"
PILL = '<a href="https://matrix.to/#/@desk:example.org">Help Desk</a>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("> <@mod:x> !broadcast\n\nno", "no"),
        ("> <@mod:x> !broadcast\n> more\n\nno\n> not a quote", "no\n> not a quote"),
        ("> only a quote", ""),
        ("no quote\n> later", "no quote\n> later"),
        ("", ""),
        (">x\nsaid at once", "said at once"),
    ],
)
def test_the_quote_before_a_reply_is_dropped(body: str, said: str) -> None:
    assert speech.without_quote(body) == said


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("desk: help", "help"),
        ("Desk, help", "help"),
        ("desk:help", "help"),
        ("@desk help", "help"),
        ("@desk:example.org: help", "help"),
        ("Help Desk: help", "help"),
        ("  @Help Desk   help", "help"),
        ("[Desk](https://matrix.to/#/@desk:example.org): help", "help"),
        ("[Desk](https://matrix.to/#/%40desk%3Aexample.org) help", "help"),
        ("@desk", ""),
        ("desk lamp is broken", None),
        ("help desk", None),
        ("desk", None),
        ("desktop is broken", None),
        ("my desk: help", None),
        ("@desk:example.organic help", None),
        ("[Desk](https://matrix.to/#/@other:example.org): help", None),
        ("", None),
    ],
)
def test_a_leading_name_of_the_bot_addresses_it(text: str, rest: str | None) -> None:
    names = speech.names_of(ME, "Help Desk")
    assert speech.without_address(text, ME, names) == rest


def test_a_pill_addresses_the_bot_by_whatever_it_shows() -> None:
    content = {"body": "Old Name: help", "formatted_body": PILL.replace("Help Desk", "Old Name")}
    assert speech.leading_pill(content, ME) == "Old Name"
    assert speech.without_address("Old Name help", ME, (), "Old Name") == "help"
    assert speech.pilled(content, ME)


def test_a_pill_in_a_quote_addresses_nobody() -> None:
    content = {"body": "x", "formatted_body": f"<mx-reply>{PILL}</mx-reply>x"}
    assert not speech.pilled(content, ME)
    assert speech.mentioned(content) == ()


def test_declared_mentions_count_before_links() -> None:
    content = {"formatted_body": PILL, "m.mentions": {"user_ids": ["@a:b", "no", 5, "@a:b"]}}
    assert speech.mentioned(content) == ("@a:b",)
    assert speech.mentioned({"formatted_body": PILL}) == (ME,)


@pytest.mark.parametrize(
    ("content", "caption"),
    [
        ({"body": "scan.png"}, ""),
        ({"body": "scan.png", "filename": "scan.png"}, ""),
        ({"body": "see the red light", "filename": "scan.png"}, "see the red light"),
    ],
)
def test_the_body_of_a_file_is_a_caption_only_beside_its_name(
    content: dict[str, object], caption: str
) -> None:
    shared = {
        "msgtype": "m.image",
        "url": "mxc://x/y",
        "info": {"size": 5, "mimetype": "image/png"},
    }
    assert speech.words(shared | content, quotes=False) == caption
    assert speech.files(shared | content) == (SharedFile("scan.png", "mxc://x/y", 5, "image/png"),)


def test_a_file_from_elsewhere_has_no_address() -> None:
    content = {"msgtype": "m.file", "body": "x", "url": "file:///etc/passwd", "info": {"size": -1}}
    assert speech.files(content) == (SharedFile("x"),)


def test_a_request_to_verify_a_device_is_nothing_said() -> None:
    assert not speech.is_saying({"msgtype": "m.key.verification.request", "body": "verify"})


def test_a_hostile_html_body_is_read_in_time() -> None:
    content = {"formatted_body": "<a " * 20_000 + "<mx-reply>" * 1000}
    assert speech.mentioned(content) == ()
    assert speech.leading_pill(content, ME) == ""
