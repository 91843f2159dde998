"""One lane of the filling: makes cases with dice of its own and stores them, a batch a transaction."""

from dataclasses import dataclass
from datetime import datetime
from multiprocessing import parent_process
from random import Random

from django.db import transaction
from django.db.models import Model

from complaints.models import (
    Complaint,
    ComplaintEvent,
    Customer,
    Feedback,
    Message,
    Point,
    Resolution,
    SearchDocument,
    Verification,
)
from config.filling.case import CaseMaker
from config.filling.copying import Numbers, copy
from config.filling.organisation import organisation
from config.filling.owed import Promiser
from followups.models import Callback, Escalation, Promise

# Rows that others point at are stored first.
ORDER: tuple[type[Model], ...] = (
    Customer,
    Complaint,
    Complaint.named_people.through,
    Verification,
    Point,
    Message,
    Resolution,
    Feedback,
    Promise,
    Escalation,
    Callback,
    ComplaintEvent,
    SearchDocument,
)


@dataclass(frozen=True)
class Slot:
    """One case to be made: when it was received, under which reference, and whether much is said in it."""

    received: datetime
    reference: str
    long_talk: bool


def fill_lane(seed: str, at: datetime, batches: list[list[Slot]]):
    """Make and store the cases of all batches as they stand at `at` (aware)."""
    dice = Random(seed)  # noqa: S311 - invented cases, no secrets
    numbers = Numbers()
    organised = organisation()
    maker = CaseMaker(dice, organised, at, numbers.next)
    promiser = Promiser(dice, at, numbers.next)
    for slots in batches:
        parent = parent_process()
        if parent is not None and not parent.is_alive():
            return
        _store(maker, promiser, slots)


def _store(maker: CaseMaker, promiser: Promiser, slots: list[Slot]):
    """Make the cases and copy their rows, model by model."""
    rows: dict[type[Model], list[Model]] = {model: [] for model in ORDER}
    with transaction.atomic():
        for slot in slots:
            case = maker.make(slot.received, slot.reference, long_talk=slot.long_talk)
            promiser.promise(case)
            maker.finish(case)
            for model, made in case.rows.items():
                rows[model] += made
        for model in ORDER:
            copy(rows[model])
