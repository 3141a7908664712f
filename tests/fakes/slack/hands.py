"""A person in Slack: what they see, and what they can do. Only what is on their screen can be touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.slack import payloads, states
from tests.fakes.slack.api_views import close_all, read_view, replace
from tests.fakes.slack.blocks import check_message
from tests.fakes.slack.calls import Answer
from tests.fakes.slack.response_urls import say
from tests.fakes.slack.states import Place
from tests.fakes.slack.world import Channel, Json, Member, Message, View

if TYPE_CHECKING:
    from tests.fakes.slack.workspace import Slack

MESSAGE_TAB = "messages"


class Person:
    """One user. `messages` are those of the direct conversation with the app, ephemeral ones included, oldest first."""

    def __init__(self, slack: Slack, member: Member) -> None:
        self._slack, self.member = slack, member
        self.id, self.name, self.email = member.id, member.name, member.email
        # Of the last submission: what the app said is wrong, by block_id.
        self.errors: dict[str, str] = {}

    @property
    def messages(self) -> list[Message]:
        """What stands in the direct conversation with the app."""
        with self._slack.world.lock:
            channel = self._slack.world.dm(self.id)
            return self.read(channel) if channel else []

    def read(self, channel: Channel) -> list[Message]:
        """What this person sees in a conversation."""
        return [one for one in channel.messages if not one.deleted and one.seen_by in ("", self.id)]

    @property
    def last(self) -> Message:
        """The newest message from the app."""
        assert self.messages, f"{self.name} has no message"
        return self.messages[-1]

    @property
    def modal(self) -> View | None:
        """The modal on top."""
        world = self._slack.world
        with world.lock:
            stack = world.stacks.get(self.id)
            return world.views[stack[-1]] if stack else None

    @property
    def home(self) -> View | None:
        """The home tab as it was published last."""
        with self._slack.world.lock:
            return self._slack.world.homes.get(self.id)

    @staticmethod
    def buttons(shown: Message | View) -> list[Place]:
        """Everything that can be touched on it: action_id, label, value, block_id, is_chosen."""
        return states.places(shown.blocks)

    def press(
        self,
        shown: Message | View,
        action_id: str | None = None,
        *,
        label: str | None = None,
        value: str | None = None,
        block_id: str | None = None,
    ) -> Answer:
        """Press the one button that fits. On a `snapshot()` a button can be pressed that is no longer there."""
        place = states.find(shown.blocks, action_id=action_id, label=label, value=value, block_id=block_id)
        assert place.element["type"] == "button", f"{place.action_id} is no button"
        return self._act(shown, place, {})

    def choose(
        self, shown: Message | View, action_id: str, value: Any, *, block_id: str | None = None
    ) -> Answer | None:
        """Type or choose; options by their values. None where Slack tells the app nothing before the modal is sent."""
        place = states.find(shown.blocks, action_id=action_id, block_id=block_id)
        state = states.choose(place.element, value)
        if isinstance(shown, View) and place.element["type"] != "overflow":
            shown.state.setdefault(place.block_id, {})[place.action_id] = state
        if place.block["type"] == "input" and not place.block.get("dispatch_action"):
            return None
        return self._act(shown, place, state)

    def suggest(self, shown: View, action_id: str, typed: str) -> list[Json]:
        """The options that the app offers for what was typed into a menu of its own."""
        place = states.find(shown.blocks, action_id=action_id)
        payload = payloads.suggestion(self.member, shown, place.element, place.block_id, typed)
        answer = self._slack.hand_in("interactive", payload)
        options: list[Json] = (answer.parsed or {}).get("options", [])
        return options

    def submit(self, values: dict[str, Any] | None = None) -> Answer:
        """Fill in the modal on top by action_id and send it. Fails where Slack would not let it be sent."""
        view = self.modal
        assert view is not None, f"no modal is open in front of {self.name}"
        assert view.body.get("submit"), "the modal cannot be sent"
        for action_id, value in (values or {}).items():
            self.choose(view, action_id, value)
        # What the app had filled in already is sent along with what was typed.
        for block_id, fields in states.at_first(view.blocks).items():
            view.state[block_id] = fields | view.state.get(block_id, {})
        lacking = states.missing(view.blocks, view.state)
        assert not lacking, f"these must be filled in: {lacking}"
        self.errors = {}
        answer = self._slack.hand_in("interactive", payloads.submission(self._slack.world, self.member, view))
        if answer.ok:
            self._follow(view, answer.parsed if isinstance(answer.parsed, dict) else {})
        return answer

    def close(self) -> Answer | None:
        """Close the modal on top; the app is told if it wants to be."""
        view = self.modal
        assert view is not None, f"no modal is open in front of {self.name}"
        cleared = bool(view.body.get("clear_on_close"))
        with self._slack.world.lock:
            if cleared:
                close_all(self._slack.world, self.id)
            else:
                self._slack.world.stacks[self.id].pop()
                del self._slack.world.views[view.id]
        if not view.body.get("notify_on_close"):
            return None
        return self._slack.hand_in("interactive", payloads.closing(self.member, view, cleared=cleared))

    def command(self, name: str, text: str = "", *, channel: Channel | None = None) -> Answer:
        """Type a command, in the direct conversation unless told otherwise."""
        world = self._slack.world
        with world.lock:
            where = channel or world.open_dm(self.id)
            payload = payloads.command(world, self.member, name, text, where.id)
        answer = self._slack.hand_in("slash_commands", payload)
        if answer.ok and answer.parsed:
            self._hear(where, answer.parsed)
        return answer

    def shortcut(self, callback_id: str, message: Message | None = None) -> Answer:
        """Use a shortcut of the app, or of a message."""
        with self._slack.world.lock:
            payload = payloads.shortcut(self._slack.world, self.member, callback_id, message)
        return self._slack.hand_in("interactive", payload)

    def open_home(self, tab: str = "home") -> Answer:
        """Go to the app's page, home or messages."""
        with self._slack.world.lock:
            channel = self._slack.world.open_dm(self.id)
        return self._slack.tell({"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": tab})

    def react(self, message: Message, name: str = "thumbsup") -> Answer:
        """Put an emoji under a message."""
        message.reactions.setdefault(name, []).append(self.id)
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        content = {"type": "reaction_added", "user": self.id, "reaction": name, "item": item, "item_user": message.user}
        return self._slack.tell(content)

    def say(self, text: str, channel: Channel | None = None, *, below: Message | None = None) -> Message:
        """Write something, to the app or into a channel, in the thread `below` a message. The app is told of what is
        written to it."""
        world = self._slack.world
        with world.lock:
            where = channel or world.open_dm(self.id)
            message = Message(world.new_ts(), where.id, self.id, text)
            if below is not None:
                # The first message of a thread carries its own stamp from the first reply on.
                message.thread_ts = below.thread_ts = below.ts
            where.messages.append(message)
        if where.kind == "im":
            self._slack.tell(
                {
                    "type": "message",
                    "channel": where.id,
                    "channel_type": "im",
                    "user": self.id,
                    "text": text,
                    "ts": message.ts,
                }
            )
        return message

    def _act(self, shown: Message | View, place: Place, state: Json) -> Answer:
        world, element = self._slack.world, place.element
        with world.lock:
            action: Json = {
                "type": element["type"],
                "action_id": place.action_id,
                "block_id": place.block_id,
                "action_ts": world.new_ts(),
                **{name: element[name] for name in ("text", "value", "style") if name in element},
                **{name: value for name, value in state.items() if name != "type"},
            }
            if isinstance(shown, View):
                payload = payloads.action_in_view(world, self.member, shown, action)
            else:
                kept = states.at_first(shown.blocks)
                if state:
                    kept.setdefault(place.block_id, {})[place.action_id] = state
                payload = payloads.action_on_message(world, self.member, shown, action, kept)
        return self._slack.hand_in("interactive", payload)

    def _follow(self, view: View, order: Json) -> None:
        """Do what the app answered to a submission."""
        world, what = self._slack.world, order.get("response_action")
        with world.lock:
            if what == "errors":
                inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                assert set(order["errors"]) <= inputs, f"errors for blocks that are no inputs: {order['errors']}"
                self.errors = order["errors"]
            elif what == "update":
                replace(world, view, read_view(world, order["view"], "modal", instead_of=view))
            elif what == "push":
                assert len(world.stacks[self.id]) < 3, "Slack stacks no more than three modals"
                world.show(self.id, read_view(world, order["view"], "modal"), "modal")
            elif what == "clear":
                close_all(world, self.id)
            else:
                assert what is None, f"Slack knows no response_action {what}"
                if view.id in world.stacks.get(self.id, []):
                    world.stacks[self.id].remove(view.id)
                    del world.views[view.id]

    def _hear(self, where: Channel, said: Any) -> None:
        """Show what the app answered to a command."""
        content: Json = said if isinstance(said, dict) else {"text": str(said)}
        blocks = content.get("blocks") or []
        problems, _characters = check_message(blocks, self._slack.world.images()) if blocks else ([], 0)
        assert not problems, problems
        if blocks:
            self._slack.world.inspect("message", blocks)
        with self._slack.world.lock:
            in_channel = content.get("response_type") == "in_channel"
            say(self._slack.world, where.id, self.id, content.get("text", ""), blocks, in_channel=in_channel)
