"""Whatever people write, and however much: it is shown whole, in order, and calls nobody."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content import Block, Code, Text, fields, heading, items, paragraph
from bot.context import Context
from bot.plan import Plan
from bot.replies import Attachment, Button, Reply
from bot.router import Router
from handlers.faq import KnowledgeBase
from tests.slack_stories.conftest import Changes
from tests.slack_stories.liveness import live_in
from tests.slack_stories.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

INJECTIONS = (
    "<!channel> <!here|hi> <@{alice}> <#{room}> <!subteam^S012345> @channel &amp; &lt;!channel&gt; "
    "<http://evil.example|bank> http://evil.example *x* _y_ ~z~ `a` ```b``` :tada: \u202etxt.exe"
)
TEXTS = {
    "words": " ".join(f"word{number}" for number in range(7_000)),
    "one word": "x" * 60_000,
    "emoji": "👩🏽‍🚒🎉" * 5_000,
    "Chinese": "网络连接失败请检查。" * 3_000,
    "Arabic": "لا يمكن الاتصال بالشبكة " * 2_000,
    "markup": "<!channel> &amp; <http://evil.example|x> `a` *b* :tada: " * 600,
    "backticks": "```" * 5_000,
}
SHAPES: dict[str, Callable[[str], Block]] = {
    "paragraph": lambda text: paragraph(text),
    "code": lambda text: Code(text),
    "list": lambda text: items(text[at : at + 700] for at in range(0, len(text), 700)),
}
MANY = tuple(Button(f"Show {number}", f"ticket show {number}") for number in range(1, 201))

router = Router("probe", "Say what is never said")


@router.command("say", examples=["words list"])
def say_it(ctx: Context, text: str, shape: str) -> Reply:
    """Say a text in a shape."""
    del ctx
    return Reply((SHAPES[shape](TEXTS[text.replace("-", " ")]),))


@router.command("buttons", examples=[""])
def offer_much(ctx: Context) -> Reply:
    """Offer much."""
    del ctx
    return Reply((paragraph("Choose."),), buttons=MANY)


@router.command("file", examples=[""])
def attach(ctx: Context) -> Reply:
    """Attach a file with a treacherous name."""
    del ctx
    file = Attachment("<!channel> \u202egpj.exe", "text/plain", b"harmless")
    card = (heading("<!here>"), fields([("<@U1>", Text("<!channel>"))]))
    return Reply(card, attachments=(file,))


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Changes:
    """A desk with the probe, and with an article nobody should have written."""
    folder: Path = tmp_path_factory.mktemp("articles")
    text = INJECTIONS.format(alice="U000000004", room="C000000007")
    ask = "ask:\n  - How do I feed the parrot?\n"
    head = f"---\ntitle: The <!channel> parrot\nlanguage: en\n{ask}---\n"
    (folder / "parrot.md").write_text(f"{head}\nGive it {text}\n", encoding="utf-8")

    def change(plan: Plan) -> Plan:
        base = KnowledgeBase.from_folder(folder, 0.5, 0.2)
        services = {**plan.services, KnowledgeBase: base}
        return replace(plan, routers=(*plan.routers, router), services=services)

    return change


def squeezed(text: str) -> str:
    """Leave out what cutting a text may change: white space."""
    return "".join(text.split())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", TEXTS)
async def test_a_long_text_is_shown_whole_and_in_order(desk: Scene, text: str, shape: str) -> None:
    asked = await desk.says(desk.alice, f"!probe say {text.replace(' ', '-')} {shape}")
    said = desk.answers(desk.alice, asked)
    assert len(said) > 1
    assert squeezed("".join(each.shown for each in said)) == squeezed(TEXTS[text])
    assert live_in(desk.slack.workspace, asked) == set()
    for each in said:  # what notifications and screen readers have is as much
        read = each.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert len(squeezed(read)) >= len(squeezed(each.shown))


async def test_of_two_hundred_buttons_each_can_be_pressed(desk: Scene) -> None:
    asked = await desk.says(desk.bea, "!probe buttons")
    said = desk.answers(desk.bea, asked)
    shown = "\n".join(each.shown for each in said).splitlines()
    assert [label for label in shown if label.startswith("Show ")] == [each.label for each in MANY]
    select = desk.slack.gestures.select
    [menu] = [each for each in said if "Show 150" in each.shown.splitlines()]
    [second] = [
        element["action_id"]
        for block in menu.blocks
        for element in block.get("elements", ())
        if any(option["value"] == "ticket show 150" for option in element.get("options", ()))
    ]
    await desk.after(select(desk.bea, "support", menu.ts, second, "Show 150"))
    assert "There is no ticket #150." in desk.answers(desk.bea, asked)[-1].shown


async def test_a_ticket_says_what_was_written_and_calls_nobody(desk: Scene) -> None:
    room = desk.slack.workspace.channel_named("support").id
    text = INJECTIONS.format(alice=desk.alice.id, room=room)
    before = desk.slack.workspace.new_ts()
    await desk.commands(desk.alice, "/ticket", "open --urgent " + text.replace("<@", "&lt;@"))
    await desk.says(desk.bea, f"!ticket resolve {desk.newest()} {text}", "staff")
    await desk.looks_home(desk.alice)
    await desk.commands(desk.bea, "/ticket", f"show {desk.newest()}")
    assert "Solution: <!channel> <!here|hi> " in desk.card(desk.newest()).shown
    assert "&amp; &lt;!channel&gt; <http://evil.example|bank>" in desk.card(desk.newest()).shown
    assert live_in(desk.slack.workspace, before) == {f"user {desk.alice.id}"}  # who is told


async def test_a_name_calls_nobody_and_turns_nothing_around(desk: Scene) -> None:
    mallory = desk.slack.person("mallory")
    await desk.advances(seconds=1)
    mallory.rename("<!channel> *m* \u202eyrollam", "<!channel> *m* \u202eyrollam")
    mallory.join("support")
    await desk.rests()
    before = desk.slack.workspace.new_ts()
    await desk.says(mallory, "!ticket open my name is odd")
    assert "From: <!channel> *m* yrollam in #support\n" in desk.card(desk.newest()).shown
    assert live_in(desk.slack.workspace, before) == {f"user {mallory.id}"}


async def test_an_article_calls_nobody(desk: Scene) -> None:
    asked = await desk.says(desk.alice, "How do I feed the parrot?")
    [answer] = desk.answers(desk.alice, asked)
    assert answer.shown.startswith("The <!channel> parrot\n")
    link = "link http://evil.example%7Cbank"  # which an article's Markdown means
    assert live_in(desk.slack.workspace, asked) == {link}


async def test_a_file_has_a_name_that_turns_nothing_around(desk: Scene) -> None:
    asked = await desk.says(desk.alice, "!probe file")
    files = [name for each in desk.answers(desk.alice, asked) for name in each.files]
    assert [name.partition(" (")[0] for name in files] == ["<!channel> gpj.exe"]
    assert live_in(desk.slack.workspace, asked) == set()


async def test_an_announcement_of_twelve_thousand_letters_arrives(desk: Scene) -> None:
    text = " ".join(f"line{number}" for number in range(1_500))
    before = desk.slack.workspace.new_ts()
    await desk.says(desk.bea, f"!announce {text}", "staff")
    said = [each for each in desk.said(desk.alice, "support") if each.ts > before]
    assert squeezed("".join(each.shown for each in said)) == squeezed(f"📣 {text}")
