"""Slack's error codes, each with what follows from it and with its words for the administrator.

A test compares this with Slack's reference: a code that Slack documents for a method we call must stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _l


class Kind(Enum):
    """What to do next."""

    # Later again.
    RETRY = "retry"
    # Never for this message: it goes another way.
    GIVE_UP = "give_up"
    # Not before somebody puts it right in Slack or in the settings.
    MISCONFIGURED = "misconfigured"
    # Slack itself does not know how far it came.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows from a code, and what to say of it."""

    kind: Kind
    words: Any


def _later(words: Any) -> Meaning:
    return Meaning(Kind.RETRY, words)


def _never(words: Any) -> Meaning:
    return Meaning(Kind.GIVE_UP, words)


def _mend(words: Any) -> Meaning:
    return Meaning(Kind.MISCONFIGURED, words)


def _lost(words: Any) -> Meaning:
    return Meaning(Kind.LOST, words)


def _not_understood(code: str) -> Meaning:
    words = _l("Slack does not understand how it was asked (%(code)s). Please report this as a mistake.", code=code)
    return Meaning(Kind.GIVE_UP, words)


# Those that any method may answer with.
COMMON: Mapping[str, Meaning] = {
    # The token.
    "not_authed": _mend(_l("There is no bot token. Enter it in the settings of the plugin Slack.")),
    "invalid_auth": _mend(_l("Slack does not know the token. Copy it again from the app’s page OAuth & Permissions.")),
    "account_inactive": _mend(
        _l("The app was removed from the workspace. Install it there again and enter the new token.")
    ),
    "token_revoked": _mend(_l("The token was taken back in Slack. Install the app again and enter the new token.")),
    "token_expired": _mend(_l("The token has run out. Switch off token rotation for the app, and enter a new token.")),
    "not_allowed_token_type": _mend(_l("This is the wrong kind of token: the bot token begins with xoxb-.")),
    "missing_scope": _mend(_l("The app may not do this. Bring its manifest up to date and install it again.")),
    "no_permission": _mend(
        _l("The app’s bot has no right to do this in the workspace. Ask whoever administers Slack.")
    ),
    "is_bot": _mend(_l("Slack lets no bot do this. Please report this as a mistake of Milepost.")),
    # The workspace.
    "access_denied": _mend(_l("Slack denies access to this. Ask whoever administers Slack.")),
    "accesslimited": _mend(_l("Slack limits access to this for now. Ask whoever administers Slack.")),
    "ekm_access_denied": _mend(_l("The keys of your company’s Slack are suspended, so nothing can be posted there.")),
    "enterprise_is_restricted": _mend(
        _l("Your company’s Slack does not let this app in. Ask whoever administers Slack.")
    ),
    "org_login_required": _later(
        _l("The workspace is being moved to another organisation in Slack. It will be tried again.")
    ),
    "team_access_not_granted": _mend(_l("The app is not approved for this workspace. Ask whoever administers Slack.")),
    "team_added_to_org": _later(_l("The workspace is just being taken into an organisation. It will be tried again.")),
    "two_factor_setup_required": _mend(_l("Slack asks for two-factor sign-in to be set up first.")),
    "team_not_found": _mend(_l("The token is for a whole organisation. Install the app in one workspace instead.")),
    # Slack's own trouble.
    "service_unavailable": _later(_l("Slack is out of service for the moment.")),
    "request_timeout": _later(_l("The request did not reach Slack whole.")),
    "internal_error": _lost(_l("Something went wrong inside Slack, and it does not say how far it came.")),
    "fatal_error": _lost(_l("Something broke inside Slack, and it does not say how far it came.")),
    "ratelimited": _later(_l("Slack asks to be left alone for a while.")),
    "rate_limited": _later(_l("Slack asks to be left alone for a while.")),
    # What only a mistake of ours can bring about.
    "deprecated_endpoint": _mend(
        _l("Slack no longer offers what this version of Milepost uses. Bring Milepost up to date.")
    ),
    "method_deprecated": _mend(
        _l("Slack has given up a method that this version of Milepost uses. Bring Milepost up to date.")
    ),
    "unknown_method": _mend(_l("What answers at MILEPOST_SLACK_API_URL is not Slack, or an old one.")),
    **{
        code: _not_understood(code)
        for code in (
            *("invalid_arg_name", "invalid_arguments", "invalid_array_arg", "invalid_charset", "invalid_form_data"),
            *("invalid_json", "invalid_post_type", "json_not_object", "missing_argument", "missing_post_type"),
            "insecure_request",
        )
    },
}

_NO_CHANNEL = _l(
    "There is no such conversation in Slack, or the app cannot see it. In a channel, type /invite @Milepost."
)
_POSTING: Mapping[str, Meaning] = {
    "as_user_not_supported": _never(_l("Slack does not let this app write in somebody else’s name.")),
    "cannot_reply_to_message": _never(_l("Nobody can reply to this message in Slack.")),
    "channel_not_found": _never(_NO_CHANNEL),
    "invalid_attachments": _never(_l("Slack does not take what is attached to this message.")),
    "invalid_blocks": _never(
        _l("Slack does not take the way this message is drawn. Please report this kind of message.")
    ),
    "invalid_blocks_format": _never(
        _l("Slack cannot read how this message is drawn. Please report this kind of message.")
    ),
    "invalid_metadata_format": _never(_l("Slack cannot read the mark on this message. Please report this.")),
    "invalid_metadata_schema": _never(_l("Slack does not take the mark on this message. Please report this.")),
    "is_archived": _never(_l("The channel is archived. Choose another one for these messages.")),
    "markdown_text_conflict": _never(_l("Slack takes either marked text or blocks, and got both. Please report this.")),
    "message_limit_exceeded": _later(
        _l("The workspace has used up its messages. Your plan with Slack decides how many there are.")
    ),
    "messages_tab_disabled": _mend(
        _l("The app’s Messages tab is switched off. Switch it on under App Home, or bring the manifest up to date.")
    ),
    "metadata_must_be_sent_from_app": _mend(
        _l("Slack takes marks on messages from apps only: enter the bot token of the app.")
    ),
    "metadata_too_large": _never(_l("The mark on this message is too large for Slack. Please report this.")),
    "msg_too_long": _never(_l("This message is too long for Slack.")),
    "no_text": _never(_l("This message has no text, which Slack does not take.")),
    "not_in_channel": _mend(_l("The app is not in that channel. Type /invite @Milepost there.")),
    "restricted_action": _mend(
        _l("The workspace’s settings do not let the app write there. Ask whoever administers Slack.")
    ),
    "slack_connect_canvas_sharing_blocked": _never(_l("Slack does not let canvases be shared with other companies.")),
    "slack_connect_file_link_sharing_blocked": _never(_l("Slack does not let files be shared with other companies.")),
    "too_many_attachments": _never(_l("This message has more attachments than Slack takes.")),
}
_VIEWS: Mapping[str, Meaning] = {
    "duplicate_external_id": _never(_l("Another window in Slack has the same name. Please report this.")),
    "exchanged_trigger_id": _never(_l("Slack has opened this window already.")),
    "expired_trigger_id": _never(_l("It took more than three seconds to open the window, so Slack did not open it.")),
    "hash_conflict": _never(_l("The window has changed meanwhile, so the older one was not shown.")),
    "invalid_trigger_id": _never(_l("Slack does not know the tap that this window was to answer.")),
    "missing_profile_id": _never(_l("Slack misses the person whose profile this is. Please report this.")),
    "not_enabled": _mend(
        _l("The app’s Home tab is switched off. Switch it on under App Home, or bring the manifest up to date.")
    ),
    "not_found": _never(_l("The window was closed meanwhile.")),
    "not_implemented": _never(_l("Slack does not show such a view to this person.")),
    "push_limit_reached": _never(_l("Slack shows at most three windows on top of each other.")),
    "view_too_large": _never(_l("The window holds more than Slack takes. Please report this.")),
}
_PERSON_HIDDEN = _l("Slack does not let the app see this person.")

# Those that a method has of its own, or that mean something else there.
OF_METHODS: Mapping[str, Mapping[str, Meaning]] = {
    "apps.connections.open": {
        "forbidden_team": _mend(_l("This workspace does not allow Socket Mode. Ask whoever administers Slack.")),
        "invalid_auth": _mend(_l("Slack does not know the app-level token. Make a new one under Basic Information.")),
        "missing_args": _mend(_l("There is no app-level token. Make one under Basic Information and enter it.")),
        "missing_scope": _mend(_l("The app-level token lacks connections:write. Make a new one that has it.")),
        "not_allowed_token_type": _mend(_l("Socket Mode needs the app-level token, which begins with xapp-.")),
    },
    "users.lookupByEmail": {
        "users_not_found": _never(_l("Nobody in Slack has this e-mail address.")),
    },
    "users.list": {
        "invalid_cursor": _later(_l("Slack lost its place in the list of members. It begins anew.")),
        "limit_required": _never(_l("The workspace is too large to be listed in one go. Please report this.")),
        "missing_argument": _never(_l("Slack misses something to list members by. Please report this.")),
    },
    "users.info": {
        "too_many_users": _never(_l("Slack was asked for too many people at once. Please report this.")),
        "user_not_found": _never(_l("Slack has nobody with this member ID.")),
        "user_not_visible": _never(_PERSON_HIDDEN),
    },
    "conversations.open": {
        "channel_not_found": _never(_l("Slack no longer knows the conversation with this person.")),
        "cannot_dm_bot": _never(_l("This is another app and not a person.")),
        "invalid_user_combination": _never(_l("This person is from another company and in no channel with you.")),
        "method_not_supported_for_channel_type": _never(_l("This is no conversation with one person.")),
        "not_enough_users": _never(_l("Slack needs somebody to open a conversation with. Please report this.")),
        "too_many_users": _never(_l("Slack opens a conversation with eight people at most. Please report this.")),
        "user_disabled": _never(_l("This person’s account in Slack is deactivated.")),
        "user_not_found": _never(_l("This person is not in the workspace any more.")),
        "user_not_visible": _never(_l("The app may not write to this person in Slack.")),
        "users_list_not_supplied": _never(_l("Slack was not told whom to write to. Please report this.")),
    },
    "conversations.history": {
        "channel_is_limited_access": _never(_l("The app may not read in this channel.")),
        "channel_not_found": _never(_l("The conversation that was to be looked through is not there any more.")),
        "invalid_cursor": _later(_l("Slack lost its place in the conversation. It will be looked through again.")),
        "invalid_metadata_filter_keys": _never(_l("Slack does not look for marks in this way. Please report this.")),
        "invalid_ts_latest": _never(_l("Slack does not know the end of what is looked through. Please report this.")),
        "invalid_ts_oldest": _never(
            _l("Slack does not know the beginning of what is looked through. Please report this.")
        ),
        "not_in_channel": _mend(_l("The app cannot look into a channel that it is not in.")),
    },
    "conversations.replies": {
        "channel_not_found": _never(_l("The channel of this reply is not there any more, or the app is not in it.")),
        "invalid_cursor": _later(_l("Slack lost its place in the thread. It will be looked at again.")),
        "invalid_metadata_filter_keys": _never(
            _l("Slack does not look through threads in this way. Please report this.")
        ),
        "invalid_ts_latest": _never(_l("Slack does not know the end of the thread. Please report this.")),
        "invalid_ts_oldest": _never(_l("Slack does not know the beginning of the thread. Please report this.")),
        "list_record_comment_fetch_failed": _later(_l("Slack could not read the comments of a list.")),
        "method_not_supported_for_channel_type": _never(_l("There are no threads in a conversation of this kind.")),
        "not_in_channel": _mend(_l("The app cannot read a reply in a channel that it is not in.")),
        "thread_not_found": _never(_l("The reply was deleted in Slack.")),
    },
    "chat.getPermalink": {
        "channel_not_found": _never(_l("The channel of this message is not there any more, or the app is not in it.")),
        "message_not_found": _never(_l("The message that was to be pointed at was deleted in Slack.")),
    },
    "files.getUploadURLExternal": {
        "alt_txt_too_large": _never(_l("What the picture shows is said in too many words. Please report this.")),
        "file_type_not_allowed": _never(_l("The workspace does not take pictures.")),
        "file_upload_size_restricted": _never(_l("The workspace takes smaller pictures only.")),
        "file_uploads_disabled": _never(_l("Files are switched off in the workspace.")),
        "file_uploads_except_images_disabled": _never(
            _l("The workspace takes this for something else than a picture.")
        ),
        "missing_argument": _never(_l("There is nothing in the picture. Please report this.")),
        "snippet_too_large": _never(_l("Slack takes the picture for a text that is too long. Please report this.")),
        "storage_limit_reached": _never(_l("The workspace has no room left for files.")),
        "unknown_snippet_type": _never(
            _l("Slack takes the picture for a text of an unknown kind. Please report this.")
        ),
        "unknown_subtype": _never(_l("Slack does not know this kind of picture. Please report this.")),
    },
    "files.completeUploadExternal": {
        "channel_not_found": _never(_l("The channel for the picture is not there any more, or the app is not in it.")),
        "channels_limit_exceeded": _never(_l("The picture was to go into too many channels. Please report this.")),
        "file_not_found": _later(_l("Slack does not find what was uploaded.")),
        "file_type_not_allowed": _never(_l("Files of this type are not allowed in the workspace.")),
        "file_update_failed": _later(_l("Slack could not keep the picture.")),
        "file_uploads_except_images_disabled": _never(
            _l("The workspace takes pictures only, and not what was uploaded.")
        ),
        "invalid_blocks": _never(_l("Slack does not take what stands beside the picture. Please report this.")),
        "invalid_channel": _never(_l("Slack does not know the channel for the picture.")),
        "not_in_channel": _mend(_l("The app may not put a picture into a channel that it is not in.")),
        "posting_to_channel_denied": _never(_l("The app may not put pictures into this channel.")),
    },
    "chat.postMessage": {
        **_POSTING,
        "attachment_payload_limit_exceeded": _never(_l("What is attached to this message is too large for Slack.")),
        "draft_already_deleted": _never(_l("The draft of this message was deleted in Slack.")),
        "draft_already_sent": _never(_l("The draft of this message was sent from Slack already.")),
        "draft_has_conflict": _never(_l("The draft of this message was changed in Slack meanwhile.")),
        "draft_not_found": _never(_l("There is no draft of this message in Slack.")),
        "duplicate_channel_not_found": _never(_l("Slack takes this for a second copy from an unknown channel.")),
        "duplicate_message_not_found": _never(_l("Slack takes this for a second copy of an unknown message.")),
        "missing_file_data": _never(_l("Slack misses the file of this message.")),
        "msg_blocks_too_long": _never(_l("There is more in this message than Slack takes in one.")),
        "restricted_action_non_threadable_channel": _never(_l("Nobody can reply in this channel.")),
        "restricted_action_read_only_channel": _mend(
            _l("The channel is read-only. Let the app write there, or choose another.")
        ),
        "restricted_action_thread_locked": _never(_l("Replies to this message are locked.")),
        "restricted_action_thread_only_channel": _mend(_l("The channel takes replies only. Choose another.")),
        "slack_connect_lists_sharing_blocked": _never(_l("Slack does not let lists be shared with other companies.")),
        "too_many_contact_cards": _never(_l("This message has more contact cards than Slack takes.")),
        # Of the person whose id was given in place of a channel.
        "user_disabled": _never(_l("This person’s account in Slack is closed.")),
        "user_not_found": _never(_l("There is no such person in the workspace.")),
    },
    "chat.postEphemeral": {
        **_POSTING,
        "user_not_in_channel": _never(_l("The person is not in the channel where this was to be shown to them.")),
    },
    "chat.update": {
        **_POSTING,
        "block_mismatch": _never(_l("Slack does not let this message be drawn in another way.")),
        "blocked_file_type": _never(_l("The workspace does not take this type of file.")),
        "cant_broadcast_message": _never(_l("This reply cannot be shown in the channel.")),
        "cant_update_message": _never(_l("The message is not the app’s own.")),
        "edit_window_closed": _never(_l("The workspace does not let older messages be changed.")),
        "external_channel_migrating": _later(_l("The channel is being moved in Slack. It will be tried again.")),
        "file_deleted": _never(_l("The file of this message was deleted.")),
        "file_is_deleted": _never(_l("The file of this message is deleted.")),
        "file_not_found": _never(_l("Slack does not find the file of this message.")),
        "file_share_limit_reached": _never(_l("The file of this message is shared as often as Slack allows.")),
        "is_inactive": _never(_l("The message is in a channel that is closed.")),
        "max_file_sharing_exceeded": _never(_l("This message shares more files than Slack allows.")),
        "message_not_found": _never(_l("The message was deleted in Slack.")),
        "no_dual_broadcast_content_update": _never(_l("A reply cannot be changed and shown in the channel at once.")),
        "posting_to_channel_denied": _never(_l("The app may not share files in this channel.")),
        "slack_connect_blocked_file_type": _never(_l("Files of this type cannot be shared with other companies.")),
        "slack_connect_clip_sharing_blocked": _never(_l("Clips cannot be shared with other companies.")),
        "slack_connect_file_upload_sharing_blocked": _never(_l("Files cannot be uploaded where other companies are.")),
        "streaming_state_conflict": _later(_l("The message is still being written. It will be tried again.")),
        "unable_to_share_files": _never(_l("Slack could not share the files of this message.")),
        "update_failed": _later(_l("Slack could not change the message. It will be tried again.")),
    },
    "views.open": _VIEWS,
    "views.publish": _VIEWS,
    "views.push": _VIEWS,
    "views.update": _VIEWS,
}
