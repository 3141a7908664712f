"""The core as plugins see it: small functions on the frozen data of `contract.py`.

Outside a web request each function is a transaction of its own, begun and ended here, so that a plugin never holds one
while it speaks to the outside. In a plugin's own page they are part of the request, which commits once at its end.

They are spread over three modules for their readers here; a plugin imports this one only.
"""

from program.plugin_api.happenings import events_since, latest_position
from program.plugin_api.links import (
    due_links,
    find_link,
    forget_link,
    keep_link,
    list_links,
    remember,
    sync_soon,
)
from program.plugin_api.outside import Answer, Refused, Unreachable, check_address, send
from program.plugin_api.work import (
    active_connections,
    apply_remote_change,
    environment,
    find_person,
    find_program,
    instance_settings,
    items,
    items_changed_since,
    managed_connection,
    utc_now,
    web_address,
)

__all__ = [
    "Answer",
    "Refused",
    "Unreachable",
    "active_connections",
    "apply_remote_change",
    "check_address",
    "due_links",
    "environment",
    "events_since",
    "find_link",
    "find_person",
    "find_program",
    "forget_link",
    "instance_settings",
    "items",
    "items_changed_since",
    "keep_link",
    "latest_position",
    "list_links",
    "managed_connection",
    "remember",
    "send",
    "sync_soon",
    "utc_now",
    "web_address",
]
