"""The scenes of the flow that a fault may break into, each with invoices of its own."""

from dataclasses import dataclass, field

#: A few invoices meet what thousands do: several parts, pages and receipts.
SMALL = {"online_at_most": 1, "part_size": 2000, "page_size": 10}


@dataclass(frozen=True)
class Scene:
    """What one worker does with invoices that were posted for it.

    :param job: of the worker, given the moves if `moves`.
    :param count: of invoices; `many`: so many that no step of it comes only once.
    :param sent: the invoices are with KSeF already, nobody has looked since.
    """

    job: str
    count: int
    many: int
    args: dict = field(default_factory=dict)
    knobs: dict = field(default_factory=dict)
    sent: bool = False
    moves: bool = False
    attachment: bool = False

    def order(self, moves, **knobs):
        """The order for a worker."""
        args = dict(self.args, moves=moves) if self.moves else self.args
        return {
            "job": self.job,
            "args": args,
            "knobs": {"hurry": True, **self.knobs, **knobs},
        }


SEND, POLL = {"crons": ["send"]}, {"crons": ["poll"]}

SCENES = {
    "online": Scene("wake", 2, 3, SEND),
    "batch": Scene("wake", 4, 6, SEND, SMALL),
    "poll": Scene("wake", 2, 11, POLL, {"page_size": 10}, sent=True),
    "poll of a batch": Scene("wake", 3, 11, POLL, SMALL, sent=True),
    "Send & Print": Scene("send_and_print", 1, 1, moves=True),
}
