"""Is a JSON value of a given shape? Complaints are worded and addressed as Slack's are.

Slack's wording is not documented but often reported: "must be more than 0 characters
[json-pointer:/blocks/0/text/text]" (https://github.com/Sorunome/mx-puppet-slack/issues/49),
"no more than 25 items allowed [json-pointer:/blocks/1/elements]"
(https://github.com/adobe/spacecat-api-service/issues/176), "invalid additional property: emoji
[json-pointer:/blocks/0/text]" (https://github.com/grafana-cold-storage/oncall/pull/702).

Slack's pages count "characters" and say no more. What a browser counts are UTF-16 code units, the
strictest of the usual readings but bytes, and so do we: an emoji is two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Json = Mapping[str, object]
Complaints = Iterator[str]
Check = Callable[[object, str], Complaints]  # a value and its JSON pointer


def length(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def complain(what: str, pointer: str) -> str:
    """Word a complaint as Slack does in `response_metadata.messages`."""
    return f"[ERROR] {what} [json-pointer:{pointer}]"


def string(most: int | None = None, *, least: int = 1, choices: Sequence[str] = ()) -> Check:
    """Demand a string of a length, or one of `choices`."""

    def check(value: object, pointer: str) -> Complaints:
        if not isinstance(value, str):
            yield complain("must provide a string", pointer)
        elif choices and value not in choices:
            yield complain(f"must be one of: {', '.join(choices)}", pointer)
        elif length(value) < least:
            yield complain(f"must be more than {least - 1} characters", pointer)
        elif most is not None and length(value) > most:
            yield complain(f"must be less than {most + 1} characters", pointer)

    return check


def matching(shape: Callable[[str], object], what: str, most: int | None = None) -> Check:
    """Demand a string that `shape` finds good; `what` names what it should be."""
    is_string = string(most)

    def check(value: object, pointer: str) -> Complaints:
        problems = list(is_string(value, pointer))
        yield from problems
        if not problems and not shape(str(value)):
            yield complain(f"must be {what}", pointer)

    return check


def boolean(value: object, pointer: str) -> Complaints:
    """Demand true or false."""
    if not isinstance(value, bool):
        yield complain("must provide a boolean", pointer)


def integer(least: int | None = None, most: int | None = None) -> Check:
    """Demand a whole number within bounds."""

    def check(value: object, pointer: str) -> Complaints:
        if not isinstance(value, int) or isinstance(value, bool):
            yield complain("must provide an integer", pointer)
        elif least is not None and value < least:
            yield complain(f"must be greater than or equal to {least}", pointer)
        elif most is not None and value > most:
            yield complain(f"must be less than or equal to {most}", pointer)

    return check


def items(item: Check, most: int | None = None, *, least: int = 1) -> Check:
    """Demand an array of so many `item`."""

    def check(value: object, pointer: str) -> Complaints:
        if not isinstance(value, list):
            yield complain("must provide an array", pointer)
            return
        if len(value) < least:
            yield complain(f"no less than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            yield complain(f"no more than {most} items allowed", pointer)
        for index, member in enumerate(value):
            yield from item(member, f"{pointer}/{index}")

    return check


Rule = Callable[[Json, str], Complaints]


def no_rule(_: Json, __: str) -> Complaints:
    """Demand nothing of the object as a whole."""
    yield from ()


@dataclass(frozen=True)
class Shape:
    """An object: which fields, and `rule` for what is true of several at once."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    rule: Rule = no_rule

    def __call__(self, value: object, pointer: str) -> Complaints:
        if not isinstance(value, Mapping):
            yield complain("must provide an object", pointer)
            return
        for name in self.required:
            if name not in value:
                yield complain(f"missing required field: {name}", pointer)
        known = {**self.required, **self.optional}
        for name, member in value.items():
            check = known.get(name)
            if check is not None:
                yield from check(member, f"{pointer}/{name}")
            elif name != "type":
                yield complain(f"invalid additional property: {name}", pointer)
        yield from self.rule(value, pointer)


def typed(shapes: Mapping[str, Check]) -> Check:
    """Demand an object whose `type` is one of these, and of its shape."""

    def check(value: object, pointer: str) -> Complaints:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping):
            yield complain("must provide an object", pointer)
        elif kind is None:
            yield complain("missing required field: type", pointer)
        elif not isinstance(kind, str) or kind not in shapes:
            yield complain(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from shapes[kind](value, pointer)

    return check


def exactly_one(*names: str) -> Rule:
    """Demand one of these fields and no second."""

    def rule(value: Json, pointer: str) -> Complaints:
        if sum(name in value for name in names) != 1:
            yield complain(f"must define exactly one of {' or '.join(names)}", pointer)

    return rule


def at_least_one(*names: str) -> Rule:
    """Demand at least one of these fields."""

    def rule(value: Json, pointer: str) -> Complaints:
        if not any(name in value for name in names):
            choice = " or ".join(f"`{name}`" for name in names)
            yield complain(f"must define either {choice}", pointer)

    return rule
