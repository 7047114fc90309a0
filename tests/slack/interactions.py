"""What people do to the app: press, choose, command, fill in. The app's answer comes back.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.slack import payloads, shapes
from tests.slack.delivery import Answer
from tests.slack.form_answers import follow
from tests.slack.forms import Chosen, NotThere, choose, complaints, find, name_parts, state
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Ephemeral, Json, Message, ResponseUrl, View
from tests.slack.response_urls import respond

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble


class Gestures:
    """The hands of the people in front of Slack.

    Attributes:
        refused: what was wrong with answers to forms, as Slack's client would show an error.
    """

    def __init__(self, double: SlackDouble) -> None:
        self.refused: list[str] = []
        self._double = double
        self._workspace = double.workspace
        self._chosen: dict[str, Chosen] = {}  # by message ts or view id

    # Messages.

    async def press(self, person: PersonThere, channel: str, ts: str, what: str) -> Answer:
        """Press a button of a message, named by its action_id or its words.

        Raises:
            NotThere: there is no such button, or no such message any more.
        """
        return await self._use(person, channel, ts, what, None)

    async def select(
        self, person: PersonThere, channel: str, ts: str, what: str, choice: Any
    ) -> Answer:
        """Choose in a menu of a message: an option by its words or value, a user by id, a date."""
        return await self._use(person, channel, ts, what, choice)

    async def _use(
        self, person: PersonThere, channel: str, ts: str, what: str, choice: Any
    ) -> Answer:
        place = self._place(person, channel)
        message = self._message(person, place, ts)
        action = self._action(ts, message.blocks, what, choice)
        alone = isinstance(message, Ephemeral)
        right = self._workspace.new_response_url(
            person.id,
            place.id,
            message_ts=ts,
            is_ephemeral=alone,
            thread_ts=message.thread_ts,
        )
        url = self._address("actions", right)
        values = state(message.blocks, self._chosen.get(ts, {}))
        shown = self._shown(message)
        where = payloads.in_message(place, shown, url, values, ephemeral=alone)
        return await self._act(person, action, where)

    def _shown(self, message: Message | Ephemeral) -> Json:
        if isinstance(message, Message):
            return shapes.message(self._workspace, message)
        shown: Json = {"ts": message.ts}
        return {**shown, "thread_ts": message.thread_ts} if message.thread_ts else shown

    def _action(self, where: str, blocks: list[Json], what: str, choice: Any) -> Json:
        block, element = find(blocks, what)
        if element["type"] == "button":
            if choice is not None:
                raise NotThere(f"{what} is a button")
        else:
            if element["type"] not in payloads.CHOSEN:
                raise NotThere(f"{what} is nothing one chooses from")
            choice = choose(element, choice)
            field = (block["block_id"], element["action_id"])
            self._chosen.setdefault(where, {})[field] = choice
        return payloads.action(element, block["block_id"], choice, self._workspace.event_ts())

    async def _act(self, person: PersonThere, action: Json, where: Json, view: str = "") -> Answer:
        trigger = self._workspace.new_trigger(person.id, view)
        payload = payloads.block_actions(self._workspace, person.user, [action], trigger)
        return await self._ask("interactive", payload | where)

    async def message_shortcut(
        self, person: PersonThere, channel: str, ts: str, callback_id: str
    ) -> Answer:
        """Use a shortcut from a message's menu."""
        self._is_offered("shortcuts", type="message", callback_id=callback_id)
        place = self._place(person, channel)
        message = self._message(person, place, ts)
        if isinstance(message, Ephemeral):
            raise NotThere("what only one person sees has no menu")
        rights = self._rights(person, place, message_ts=ts, thread_ts=message.thread_ts)
        told = shapes.message(self._workspace, message)
        payload = payloads.message_action(
            self._workspace, person.user, place, told, callback_id, rights
        )
        return await self._ask("interactive", payload)

    # Anywhere.

    async def slash(
        self,
        person: PersonThere,
        channel: str,
        command: str,
        text: str = "",
        *,
        thread: str | None = None,
    ) -> Answer:
        """Write a command; in a thread Slack knows none of an app's.

        https://docs.slack.dev/interactivity/implementing-slash-commands
        """
        if thread is not None:
            raise NotThere(f"{command} is not supported in threads")
        self._is_offered("slash_commands", command=command)
        place = self._place(person, channel)
        right = self._workspace.new_response_url(person.id, place.id)
        payload = payloads.slash_command(
            self._workspace,
            person.user,
            place,
            command,
            text.strip(),
            {
                "response_url": self._address("commands", right),
                "trigger_id": self._workspace.new_trigger(person.id),
            },
        )
        answer = await self._ask("slash_commands", payload)
        said = answer.payload or ({"text": answer.text} if answer.text else None)
        if answer.in_time and said:
            respond(self._workspace, right, said)
        return answer

    async def shortcut(self, person: PersonThere, callback_id: str) -> Answer:
        """Use a global shortcut."""
        self._is_offered("shortcuts", type="global", callback_id=callback_id)
        trigger = self._workspace.new_trigger(person.id)
        payload = payloads.shortcut(self._workspace, person.user, callback_id, trigger)
        return await self._ask("interactive", payload)

    # Forms and the home page.

    def modal(self, person: PersonThere) -> View:
        """Return the form in front of someone, the topmost if there are several.

        Raises:
            NotThere: there is none.
        """
        stack = self._stack(person)
        if not stack:
            raise NotThere(f"{person.user.name} has no form open")
        return stack[-1]

    def _stack(self, person: PersonThere) -> list[View]:
        views = self._workspace.views.values()
        return [view for view in views if view.user == person.id and view.is_open]

    async def press_in_view(
        self, person: PersonThere, view: View, what: str, choice: Any = None
    ) -> Answer:
        """Press or choose in a form or on the home page."""
        if not view.is_open or view.user != person.id:
            raise NotThere("this is not in front of them")
        action = self._action(view.id, view.view["blocks"], what, choice)
        return await self._act(person, action, payloads.in_view(self._told(view)), view.id)

    def _told(self, view: View) -> Json:
        values = state(view.view["blocks"], self._chosen.get(view.id, {}))
        return shapes.view(self._workspace, view, {"values": values})

    async def submit(
        self, person: PersonThere, view: View | None = None, values: Mapping[str, Any] | None = None
    ) -> Answer:
        """Fill in the form and send it; `values` by a field's label or action_id.

        The answer's payload holds response_action; the form shows its errors, is replaced,
        gets another on top or is gone, as the app says. An answer that is too late or no good
        leaves it open with an error.

        Raises:
            NotThere: the client does not send it, because a field is empty, say.
        """
        form = view or self.modal(person)
        blocks = form.view["blocks"]
        for what, choice in (values or {}).items():
            block, element = find(blocks, what)
            field = (block["block_id"], element["action_id"])
            self._chosen.setdefault(form.id, {})[field] = choose(element, choice)
        told = self._told(form)
        wrong = complaints(blocks, told["state"]["values"])
        if wrong or not form.is_open or "submit" not in form.view:
            raise NotThere(f"the form cannot be sent: {wrong}")
        trigger = self._workspace.new_trigger(person.id, form.id)
        payload = payloads.view_submission(self._workspace, person.user, told, trigger)
        answer = await self._ask("interactive", payload)
        if answer.in_time and not answer.error:
            problem = follow(self._workspace, self._stack(person), form, answer.payload or {})
            self.refused += [problem] if problem else []
        return answer

    async def close(self, person: PersonThere, view: View | None = None) -> Answer | None:
        """Leave a form; the app is told only if it asked for it (notify_on_close)."""
        form = view or self.modal(person)
        clears = bool(form.view.get("clear_on_close"))
        for one in self._stack(person) if clears else [form]:
            one.is_open = False
        if not form.view.get("notify_on_close"):
            return None
        payload = payloads.view_closed(
            self._workspace, person.user, self._told(form), is_cleared=clears
        )
        return await self._ask("interactive", payload)

    def open_home(self, person: PersonThere, tab: str = "home") -> None:
        """Look at the app's home page.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": person.direct.id,
            "tab": tab,
            "event_ts": self._workspace.event_ts(),
        }
        home = self._workspace.homes.get(person.id)
        if home is not None and tab == "home":
            event["view"] = self._told(home)
        self._workspace.tell(event)

    # What all of it needs.

    def _is_offered(self, kind: str, **wanted: str) -> None:
        """Raise NotThere for what the app's manifest does not have."""
        manifest = self._double.manifest
        if manifest is not None and not any(
            wanted.items() <= each.items() for each in manifest["features"][kind]
        ):
            raise NotThere(f"the app has none of these {kind}: {wanted}")

    def _place(self, person: PersonThere, channel: str) -> Channel:
        place = self._workspace.channel_named(channel)
        if person.id not in place.members:
            raise NotThere(f"{person.user.name} is not in {channel}")
        return place

    def _message(self, person: PersonThere, place: Channel, ts: str) -> Message | Ephemeral:
        message = place.messages.get(ts)
        if message is not None and message.subtype != "tombstone":
            name_parts(message.blocks)
            return message
        for one in self._workspace.ephemerals:
            if (one.ts, one.channel, one.user) == (ts, place.id, person.id):
                return one
        raise NotThere(f"there is no message {ts}")

    def _rights(self, person: PersonThere, place: Channel, **more: object) -> Json:
        right = self._workspace.new_response_url(person.id, place.id, **more)
        trigger = self._workspace.new_trigger(person.id)
        return {"response_url": self._address("app", right), "trigger_id": trigger}

    def _address(self, kind: str, right: ResponseUrl) -> str:
        return f"{self._double.base_url}/{kind}/{self._workspace.team_id}/{right.key}"

    async def _ask(self, kind: str, payload: Json) -> Answer:
        mode = self._double.teller.mode
        if mode is None:
            return Answer(in_time=False, error="dispatch_failed")
        is_form = payload.get("type") == "view_submission"
        answerable = is_form or kind == "slash_commands"
        return await mode.ask(kind, payload, answerable=answerable)
