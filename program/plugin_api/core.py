"""The core as plugins see it: small functions on the frozen data of `contract.py`.

Outside a web request each function is a transaction of its own, begun and ended here, so that a plugin never holds one
while it speaks to the outside. In a plugin's own page they are part of the request, which commits once at its end.

They are spread over several modules for their readers here; a plugin imports this one only.
"""

from program.ground.last_known import NotKnown, last_known
from program.plugin_api.checkins import answer_check_in, check_in, is_check_in_open, open_check_ins, thanks_for
from program.plugin_api.comments import comments_by_ids, comments_changed_since, follow_comment, take_comment
from program.plugin_api.committees import meeting, status_report
from program.plugin_api.connecting import connect_program, keep_choices
from program.plugin_api.decisions import decide, decision, decision_state, decisions_waiting_for, vote
from program.plugin_api.figures import kpis_for_review, own_kpis, record_figures, record_reading, wrong_figure
from program.plugin_api.frontline import find_people, hand_in_idea, my_tasks, programs_of, set_task, standings_of
from program.plugin_api.happenings import events_since, latest_position
from program.plugin_api.links import (
    count_links,
    due_links,
    find_link,
    forget_link,
    keep_link,
    links_after,
    links_of,
    list_links,
    note,
    pick_links,
    remember,
    report_of,
    set_aside,
    sync_soon,
)
from program.plugin_api.measured import kpis
from program.plugin_api.once import first_time
from program.plugin_api.outside import Answer, Refused, Unreachable, check_address, connect, send
from program.plugin_api.people import (
    handing_over,
    match_counts,
    matched_people,
    note_match,
    people_to_match,
    require_administrator,
    take_turn,
)
from program.plugin_api.plans import add_item, doers, link_item, say_sent, stages, take_item, waits
from program.plugin_api.proofs import gone_evidence, new_evidence
from program.plugin_api.reviews import (
    add_review_action,
    add_review_note,
    close_review,
    hold_review,
    review,
    review_in_channel,
    review_picture,
    speaking_to_channel,
)
from program.plugin_api.units import in_background, patiently
from program.plugin_api.words import day_in_words, moment_in_words, number_in_words, speaking_to
from program.plugin_api.work import (
    active_connections,
    apply_remote_change,
    by_ids,
    count_unlinked,
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
    "NotKnown",
    "Refused",
    "Unreachable",
    "active_connections",
    "add_item",
    "add_review_action",
    "add_review_note",
    "answer_check_in",
    "apply_remote_change",
    "by_ids",
    "check_address",
    "check_in",
    "close_review",
    "comments_by_ids",
    "comments_changed_since",
    "connect",
    "connect_program",
    "count_links",
    "count_unlinked",
    "day_in_words",
    "decide",
    "decision",
    "decision_state",
    "decisions_waiting_for",
    "doers",
    "due_links",
    "environment",
    "events_since",
    "find_link",
    "find_people",
    "find_person",
    "find_program",
    "first_time",
    "follow_comment",
    "forget_link",
    "gone_evidence",
    "hand_in_idea",
    "handing_over",
    "hold_review",
    "in_background",
    "instance_settings",
    "is_check_in_open",
    "items",
    "items_changed_since",
    "keep_choices",
    "keep_link",
    "kpis",
    "kpis_for_review",
    "last_known",
    "latest_position",
    "link_item",
    "links_after",
    "links_of",
    "list_links",
    "managed_connection",
    "match_counts",
    "matched_people",
    "meeting",
    "moment_in_words",
    "my_tasks",
    "new_evidence",
    "note",
    "note_match",
    "number_in_words",
    "open_check_ins",
    "own_kpis",
    "patiently",
    "people_to_match",
    "pick_links",
    "programs_of",
    "record_figures",
    "record_reading",
    "remember",
    "report_of",
    "require_administrator",
    "review",
    "review_in_channel",
    "review_picture",
    "say_sent",
    "send",
    "set_aside",
    "set_task",
    "speaking_to",
    "speaking_to_channel",
    "stages",
    "standings_of",
    "status_report",
    "sync_soon",
    "take_comment",
    "take_item",
    "take_turn",
    "thanks_for",
    "utc_now",
    "vote",
    "waits",
    "web_address",
    "wrong_figure",
]
