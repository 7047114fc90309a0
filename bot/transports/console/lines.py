"""How does a message look on the screen?

One line a message: `[support 3.1] Deskside: …`, `[dm alice 1] …`, with a mark when it is
`edited`, `deleted`, a `reaction` or for one person alone. Further lines of its text are
indented by four spaces. Each button has a line of its own, which alone begins with
exactly four spaces and `[`: `    [Claim] !ticket claim 1`; so nobody's text can pretend to be one.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.plain import terminal_safe
from bot.replies import Field, Form
from bot.transports.console.book import direct_with

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: its label, and how to type it where it stands (a form: what to fill in)."""

    label: str
    typed: str
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Something everyone in a room sees, or `only` one person.

    Attributes:
        room: its id, `support` or `dm-alice`.
        number: the message's; empty for what is no message.
        text: people's text as it is; made safe when it is written out.
        deed: what is told of the message, when it is not new: `edited`, `deleted`.
        told: the sentence has no speaker: who came in, who reacted.
    """

    room: str
    number: str
    author: str
    text: str = ""
    only: str | None = None
    deed: str = ""
    told: bool = False
    choices: tuple[Choice, ...] = ()

    @property
    def head(self) -> str:
        """The part in brackets, `[support 3.1 only alice edited]`."""
        person = direct_with(self.room)
        where = self.room if person is None else f"dm {person}"
        only = "" if self.only is None or person is not None else f"only {self.only}"
        return f"[{' '.join(part for part in (where, self.number, only, self.deed) if part)}]"

    @property
    def body(self) -> tuple[str, ...]:
        """The lines of its text, safe for a terminal, the speaker not included."""
        first, *rest = terminal_safe(self.text).split("\n")
        return (first.strip(), *(_continued(line) for line in rest))


def lines(shown: Shown) -> tuple[str, ...]:
    """Return the lines a message and its buttons take."""
    first, *rest = shown.body
    speaker = shown.author if shown.told else f"{shown.author}:" if shown.author else ""
    head = " ".join(part for part in (shown.head, speaker, first) if part)
    return (head, *rest, *(f"{_INDENT}{choice_line(choice)}" for choice in shown.choices))


def choice_line(choice: Choice) -> str:
    """Return a button as `[Claim] !ticket claim 1`."""
    label, typed = (_one_line(text) for text in (choice.label, choice.typed))
    return f"[{label}] {typed}".rstrip()


def form_choice(form: Form) -> Choice:
    """Return a form's button with its fields: `{Problem: …; Urgent: yes|no}`."""
    fields = []
    for field in form.fields:
        fields.append(f"{field.label}: {expected(field)}")
    return Choice(form.title, f"{{{'; '.join(fields)}}}", form)


def expected(field: Field) -> str:
    """Return what goes into a field: `yes|no (optional)`."""
    return f"{'|'.join(field.choices) or '…'}{' (optional)' if field.optional else ''}"


def _continued(line: str) -> str:
    return f"{_INDENT}{'  ' if line.startswith('[') else ''}{line}".rstrip()


def _one_line(text: str) -> str:
    return " ".join(terminal_safe(text).split())
