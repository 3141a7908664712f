"""A stand-in for Slack: a real HTTP server on this machine, with a workspace, people, and Slack's strictness.

    def test_something(slack, …):                       # fixture; or `with running_slack() as slack:`
        ania = slack.user("Ania Nowak", "ania@alfa.example", tz="Europe/Warsaw", locale="pl-PL")
        general = slack.channel("general", ania)        # with_app=False: the app is outside

The app's side. `slack.environment()` is what the environment has to say (`with_socket=True` for Socket Mode),
`slack.settings` what the form takes, `slack.url` the Web API's address (ends with '/').
`slack.calls("chat.postMessage")` are the calls it made: `.method .args .status .error`. `slack.token.scopes` and
`slack.token.state` ('token_revoked', 'account_inactive', …) may be set. Blocks and views are refused as Slack refuses
them (`blocks.py`); without a server: `check_message(blocks)`, `check_view(view, kind)`.

A person's side. First say where the app is: `slack.knock_at(flask_app)` (signed requests to its events address),
`slack.knock_with(callable)` for a live server, or `slack.use_socket()` once the app holds a socket (`wait_for_socket`).
    ania.messages, ania.last, message.words, message.snapshot()     what stands in the conversation with the app
    ania.buttons(message)                                each: action_id, label, value, block_id, is_chosen
    ania.press(message, action_id, label=…, value=…, block_id=…)    Answer: status, parsed, seconds, ok
    ania.choose(message_or_view, action_id, value)                  menus, pickers, text
    ania.modal, ania.submit({action_id: value}), ania.errors, ania.close()
    ania.command("/milepost", "status"), ania.shortcut(callback_id, message), ania.open_home(), ania.home
    ania.react(message), ania.say(text, channel), slack.tell(event), slack.deactivate(ania)
`slack.troubles` lists what the app answered with an error or not in time.
Raw requests: `door = slack.knock_at(app)`, then `door.send(body, headers)`, `door.again()`, `door.last`, `sign(…)`.

Time is `time.time()` plus what `slack.move_on(seconds)` added. Rate limits: `slack.limits.on = True`.
Trouble: `slack.faults.add(method, kind, times=1, after=0, detail=…, where=…)`, method '*' for any, times=None for ever,
and kind DROP (before the effect), LOSE_REPLY (after it), STATUS (detail 503, or (429, '7') with Retry-After), HTML,
SLOW (detail seconds), ERROR (detail any code); `slack.faults.clear()`.

Remember of the real one: chat.update is tier 3 (50 a minute for the whole workspace), so what answers a tap should
go to its response_url, which has no such limit; posting to a person's id opens the conversation by itself; a message
to a deactivated person's old conversation succeeds.
"""

from tests.fakes.slack.blocks import check_message, check_view
from tests.fakes.slack.calls import Answer, Call
from tests.fakes.slack.doors import EVENTS, sign
from tests.fakes.slack.faults import DROP, ERROR, HTML, LOSE_REPLY, SLOW, STATUS
from tests.fakes.slack.hands import Person
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Slack, running_slack
from tests.fakes.slack.world import Message, View

__all__ = [
    "APP_TOKEN",
    "BOT_TOKEN",
    "DROP",
    "ERROR",
    "EVENTS",
    "HTML",
    "LOSE_REPLY",
    "SIGNING_SECRET",
    "SLOW",
    "STATUS",
    "Answer",
    "Call",
    "Message",
    "Person",
    "Slack",
    "View",
    "check_message",
    "check_view",
    "running_slack",
    "sign",
]
