"""Comments on both sides, for tests: saying, changing and reading them."""

from __future__ import annotations

from program.extensions import db
from program.ground import database
from program.planning import comments, items
from program.planning.models import Comment
from tests.plugins.jira_sync.conftest import Wired


def say(step: Wired, number: int, body: str) -> int:
    """The manager says something about an item; the comment's id."""
    actor = step.cast.manager.actor
    with database.transaction():
        item = items.find_item(actor, step.cast.program_id, number)
        return comments.add_comment(actor, item, body).id


def reword(step: Wired, number: int, comment_id: int, body: str) -> None:
    """The manager changes what they said."""
    actor = step.cast.manager.actor
    with database.transaction():
        item = items.find_item(actor, step.cast.program_id, number)
        seen = comments.find_comment(item, comment_id).revision
        comments.edit_comment(actor, item, comment_id, body, seen=seen)


def here(step: Wired, number: int) -> list[tuple[str | None, str]]:
    """What stands here on the item: (author, text), in order."""
    with database.looking():
        rows = db.session.query(Comment).filter(Comment.item_id == step.item(number).id)
        names = {one.id: one.name for one in (step.cast.manager, step.cast.contributor)}
        return [(names.get(row.author_id or 0), row.body) for row in rows.order_by(Comment.created_at, Comment.id)]


def ours(step: Wired, number: int) -> list[tuple[int, int, str]]:
    """The manager's own: (number of the item, id, text)."""
    with database.looking():
        rows = db.session.query(Comment).filter(
            Comment.item_id == step.item(number).id, Comment.author_id == step.cast.manager.id
        )
        return [(number, row.id, row.body) for row in rows.order_by(Comment.id)]


def there(step: Wired, number: int) -> list[str]:
    """What stands in Jira."""
    return [str(one["body"]).replace("\r\n", "\n") for one in step.issue(number).comments]


def bare(body: str) -> str:
    """A comment without the line that says who said it."""
    return body.replace("\r\n", "\n").rpartition("\n")[2]
