"""The present round of a complaint among rows that it has one of for each."""

from typing import TypeVar

from django.db.models import Manager

from complaints.models import Complaint, Feedback, Resolution

Row = TypeVar("Row", Feedback, Resolution)


def of_this_round(rows: Manager[Row], complaint: Complaint) -> Row | None:
    """The row of the present round, or None. Reads all rounds (few), so that a page that has them asks no more."""
    return next((row for row in rows.all() if row.round == complaint.round), None)
