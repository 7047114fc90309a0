"""Do the answers fit the form?"""

from __future__ import annotations

from bot.errors import UserError
from bot.replies import Field, Form

Answers = tuple[tuple[str, str], ...]


def fill(form: Form, given: Answers) -> Answers:
    """Return the answers by the fields' names, in the form's order.

    Optional fields left out or empty are not among them.

    Args:
        form: what was asked.
        given: answers by the fields' labels (or names).

    Raises:
        UserError: a field that is not there, was answered twice, or has no such choice.
    """
    by_name: dict[str, str] = {}
    for label, answer in given:
        field = _field(form, label)
        if field.name in by_name:
            msg = f"{field.label} is answered twice."
            raise UserError(msg)
        by_name[field.name] = _chosen(field, answer)
    return tuple(
        (field.name, by_name[field.name]) for field in form.fields if by_name.get(field.name)
    )


def missing(form: Form, answers: Answers) -> tuple[Field, ...]:
    """Return the fields that must be filled in and are not."""
    given = dict(answers)
    return tuple(f for f in form.fields if not f.optional and not given.get(f.name))


def problem(field: Field, answer: str) -> str:
    """Return what is wrong with an answer to one field; nothing when it fits."""
    if not answer.strip():
        return "" if field.optional else f"{field.label} must be filled in; Ctrl-D gives it up."
    try:
        _chosen(field, answer.strip())
    except UserError as error:
        return str(error)
    return ""


def _field(form: Form, label: str) -> Field:
    wanted = label.casefold()
    for field in form.fields:
        if wanted in (field.label.casefold(), field.name.casefold()):
            return field
    listed = ", ".join(field.label for field in form.fields)
    msg = f"[{form.title}] has no field “{label}”; it has {listed}."
    raise UserError(msg)


def _chosen(field: Field, answer: str) -> str:
    if not field.choices or not answer:
        return answer
    for choice in field.choices:
        if choice.casefold() == answer.casefold():
            return choice
    msg = f"{field.label}: “{answer}” cannot be chosen; it is one of {', '.join(field.choices)}."
    raise UserError(msg)
