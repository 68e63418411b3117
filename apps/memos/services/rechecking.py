"""One click on a number: its query runs again, and the answer says whether the number still holds."""

from dataclasses import dataclass
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.dashboards.services import asking
from apps.memos.engine import recheck, slots
from apps.memos.selectors import memos


@dataclass(frozen=True, slots=True)
class Checked:
    """The comparison and the query behind it."""

    path: str
    result: recheck.Recheck
    reply: asking.Reply


def check(actor: Actor, memo_id: UUID, path: str, *, version: int | None = None) -> Checked:
    """Run the query of the figure at `path` again; InvalidInput when there is no figure."""
    memo = memos.get_for(actor, memo_id)
    packet = memos.content_of(actor, memo, version)["packet"]
    try:
        ref = recheck.query_ref(packet, path)
    except (slots.SlotError, ValueError, IndexError, KeyError, TypeError):
        raise InvalidInput("There is no figure at that place of the packet.") from None
    question = asking.Question(ref, packet["queries"][ref]["sql"], f"memo:{memo.id}/{path}")
    reply = asking.ask(actor, memo.datasource_id, question)
    return Checked(path, recheck.compare(packet, path, reply.rows), reply)
