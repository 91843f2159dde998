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
from demo.bulk.case import CaseMaker
from demo.bulk.copying import Numbers, copy
from demo.bulk.organisation import organisation
from demo.bulk.promises import Promiser
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
    """One case to be made: when it was received, under which reference, if much is said in it, if nothing ends it."""

    received: datetime
    reference: str
    long_talk: bool
    stays_open: bool


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
            case = maker.make(slot.received, slot.reference, long_talk=slot.long_talk, stays_open=slot.stays_open)
            promiser.promise(case)
            maker.finish(case)
            for model, made in case.rows.items():
                rows[model] += made
        for model in ORDER:
            copy(rows[model])
