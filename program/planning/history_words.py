"""The words of the audit trail: what each verb did, what each column is called, what stored values mean."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from program.planning.item_words import CHANNEL_WORDS, KIND_WORDS, PRIORITY_WORDS, STATUS_WORDS

TITLES: dict[str, Any] = {
    "item.created": _l("Item “%(name)s” added"),
    "item.changed": _l("Item “%(name)s” changed"),
    "item.moved": _l("Item “%(name)s” moved"),
    "item.tagged": _l("Tags of “%(name)s” changed"),
    "item.removed": _l("Item “%(name)s” removed"),
    "item.linked": _l("“%(name)s” now waits for another item"),
    "item.unlinked": _l("“%(name)s” no longer waits for another item"),
    "item.evidence_added": _l("Evidence added to “%(name)s”"),
    "item.evidence_removed": _l("Evidence removed from “%(name)s”"),
    "item.awaited": _l("Another item now waits for “%(name)s”"),
    "item.unawaited": _l("Another item no longer waits for “%(name)s”"),
    "item.commented": _l("Comment on “%(name)s”"),
    "item.comment_edited": _l("Comment on “%(name)s” edited"),
    "item.comment_removed": _l("Comment on “%(name)s” removed"),
    "item.undone": _l("Change of “%(name)s” taken back"),
    "phase.undone": _l("Change of the phase “%(name)s” taken back"),
    "block.undone": _l("Change of the block “%(name)s” taken back"),
    "gate.undone": _l("Change of the gate “%(name)s” taken back"),
    "program.undone": _l("Change of the settings of “%(name)s” taken back"),
    "phase.created": _l("Phase “%(name)s” added"),
    "phase.changed": _l("Phase “%(name)s” changed"),
    "phase.moved": _l("Phase “%(name)s” moved"),
    "phase.removed": _l("Phase “%(name)s” removed"),
    "phase.started": _l("Phase “%(name)s” started"),
    "phase.finished": _l("Phase “%(name)s” finished"),
    "block.created": _l("Block “%(name)s” added"),
    "block.changed": _l("Block “%(name)s” changed"),
    "block.moved": _l("Block “%(name)s” moved"),
    "block.removed": _l("Block “%(name)s” removed"),
    "gate.created": _l("Gate “%(name)s” added"),
    "gate.changed": _l("Gate “%(name)s” changed"),
    "gate.moved": _l("Gate “%(name)s” moved"),
    "gate.removed": _l("Gate “%(name)s” removed"),
    "gate.decided": _l("Decision taken at the gate “%(name)s”"),
    "gate.ticked": _l("Criterion confirmed at the gate “%(name)s”"),
    "gate.unticked": _l("Criterion no longer confirmed at the gate “%(name)s”"),
    "criterion.created": _l("Criterion “%(name)s” added"),
    "criterion.changed": _l("Criterion “%(name)s” changed"),
    "criterion.ticked": _l("Criterion “%(name)s” confirmed"),
    "criterion.unticked": _l("Criterion “%(name)s” no longer confirmed"),
    "criterion.removed": _l("Criterion “%(name)s” removed"),
    "program.created": _l("Program “%(name)s” created"),
    "program.changed": _l("Settings of “%(name)s” changed"),
    "program.closed": _l("Program “%(name)s” closed"),
    "program.reopened": _l("Program “%(name)s” reopened"),
    "program.imported": _l("Program “%(name)s” taken over from a file"),
    "program.saved_as_playbook": _l("Saved as the playbook “%(name)s”"),
    "member.added": _l("%(name)s joined the program"),
    "member.created": _l("%(name)s joined the program"),
    "member.invited": _l("%(name)s invited to the program"),
    "member.changed": _l("Access of %(name)s changed"),
    "member.removed": _l("%(name)s left the program"),
    "baseline.created": _l("Baseline “%(name)s” taken"),
    "baseline.taken": _l("Baseline “%(name)s” taken"),
    "baseline.deleted": _l("Baseline “%(name)s” deleted"),
    "baseline.removed": _l("Baseline “%(name)s” removed"),
    "comment.created": _l("Comment on “%(name)s”"),
    "comment.added": _l("Comment on “%(name)s”"),
    "comment.changed": _l("Comment on “%(name)s” edited"),
    "comment.edited": _l("Comment on “%(name)s” edited"),
    "comment.removed": _l("Comment on “%(name)s” removed"),
    "comment.deleted": _l("Comment on “%(name)s” removed"),
    "responsibility.created": _l("“%(name)s” added to the responsibility matrix"),
    "responsibility.changed": _l("Responsibilities for “%(name)s” changed"),
    "responsibility.removed": _l("“%(name)s” taken out of the responsibility matrix"),
    "operating_model.chosen": _l("Operating model “%(name)s” chosen"),
    "role.created": _l("Role “%(name)s” added"),
    "role.changed": _l("Role “%(name)s” changed"),
    "role.moved": _l("Role “%(name)s” moved in the list"),
    "role.removed": _l("Role “%(name)s” removed"),
    "role.undone": _l("Change of the role “%(name)s” taken back"),
    "assignment.created": _l("Role given: %(name)s"),
    "assignment.changed": _l("Role and time changed: %(name)s"),
    "assignment.removed": _l("Role taken away: %(name)s"),
    "assignment.undone": _l("Change of role and time taken back: %(name)s"),
    "plugin.enabled": _l("Plugin “%(name)s” switched on"),
    "plugin.disabled": _l("Plugin “%(name)s” switched off"),
    "plugin.changed": _l("Settings of the plugin “%(name)s” changed"),
    "connection.created": _l("Connection “%(name)s” added"),
    "connection.changed": _l("Connection “%(name)s” changed"),
    "connection.removed": _l("Connection “%(name)s” removed"),
    "playbook.created": _l("Playbook “%(name)s” added"),
    "playbook.removed": _l("Playbook “%(name)s” removed"),
}
# A change of status says more than 'changed'.
STATUS_TITLES: dict[str, Any] = {
    "doing": _l("Work on “%(name)s” began"),
    "blocked": _l("“%(name)s” is blocked"),
    "done": _l("“%(name)s” is done"),
    "dropped": _l("“%(name)s” dropped"),
    "reopened": _l("“%(name)s” opened again"),
}
# What stands before the dot asks first ('baseline.name'), then the column alone.
COLUMN_WORDS: dict[str, Any] = {
    "title": _l("Title"),
    "name": _l("Name"),
    "purpose": _l("Purpose"),
    "description": _l("Description"),
    "body": _l("Text"),
    "text": _l("Text"),
    "note": _l("Note"),
    "status": _l("Status"),
    "status_reason": _l("Reason"),
    "reason": _l("Reason"),
    "required": _l("Required"),
    "owner_id": _l("Owner"),
    "person_id": _l("Person"),
    "role": _l("Role"),
    "priority": _l("Priority"),
    "channel": _l("Customer channel"),
    "start_on": _l("Start"),
    "due_on": _l("Due"),
    "phase_id": _l("Phase"),
    "block_id": _l("Block"),
    "kind": _l("Kind"),
    "tags": _l("Tags"),
    "planned_start": _l("Planned start"),
    "planned_end": _l("Planned end"),
    "actual_start": _l("Actual start"),
    "actual_end": _l("Actual end"),
    "planned_on": _l("Planned day"),
    "decided_on": _l("Decided on"),
    "operating_model": _l("Operating model"),
    "starts_on": _l("Start"),
    "ends_on": _l("End"),
    "closed_on": _l("Closed on"),
    "kpis": _l("KPIs"),
    "outcome": _l("Decision"),
    "access": _l("Access"),
    "locale": _l("Language"),
    "timezone": _l("Time zone"),
    "country": _l("Public holidays of"),
    "playbook_key": _l("Playbook"),
    "ticked_by_id": _l("Confirmed by"),
    "ticked_at": _l("Confirmed"),
    "url": _l("Address"),
    "evidence": _l("Evidence"),
    "label": _l("Label"),
    "share": _l("Share of time, in percent"),
    "share_low": _l("Usual share from, in percent"),
    "share_high": _l("Usual share up to, in percent"),
    "is_required": _l("Required"),
    "in_pilot_team": _l("Pilot team"),
    "responsibilities": _l("What it answers for"),
    "predecessor": _l("Waits for"),
    "predecessors": _l("Waits for"),
    "successor": _l("Is waited for by"),
}
# Columns that tell a reader nothing: order, numbers, shadows of other columns.
HIDDEN = frozenset(
    {"position", "number", "key", "title_folded", "name_folded", "next_number", "program_id", "started_at", "done_at"}
    | {"decision_id", "gate_id", "item_id", "comment_id", "predecessor_id", "successor_id", "created_by_id", "revision"}
    | {"sequence", "hash", "taken_at"}
    # Of the change room: what a line of the trail hangs on, which its own page shows by name.
    | {"go_live_id", "group_id", "session_id", "step", "trainer_id"}
    # Of the team room.
    | {"role_id", "skills"}
)
LONG_TEXTS = frozenset({"description", "purpose", "body", "text", "note", "reason", "responsibilities"})
SHOWN_WHEN_CREATED = frozenset(
    {"phase_id", "owner_id", "due_on", "planned_start", "planned_end", "planned_on", "starts_on", "ends_on", "url"}
    | {"access", "playbook_key", "outcome", "body", "text", "share"}
)
SHOWN_WHEN_REMOVED = frozenset({"planned_start", "planned_end", "planned_on", "access"})
OUTCOME_WORDS: dict[str, Any] = {
    "go": _l("Go"),
    "conditional_go": _l("Conditional go"),
    "hold": _l("Hold"),
    "no_go": _l("No-go"),
}
ACCESS_WORDS: dict[Any, Any] = {1: _l("Viewer"), 2: _l("Contributor"), 3: _l("Manager")}
VALUE_WORDS: dict[str, dict[Any, Any]] = {
    "status": STATUS_WORDS,
    "kind": KIND_WORDS,
    "priority": PRIORITY_WORDS,
    "channel": CHANNEL_WORDS,
    "outcome": OUTCOME_WORDS,
    "access": ACCESS_WORDS,
    "locale": {"en": "English", "pl": "polski"},
}
ORIGIN_WORDS: dict[str, Any] = {
    "web": _l("on the web"),
    "cli": _l("by command"),
    "clock": _l("by the clock"),
    "api": _l("through the interface for programs"),
    "slack": _l("in Slack"),
    "jira": _l("in Jira"),
}
