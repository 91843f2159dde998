"""One event as it is told: with its data, and the names that its ids stand for."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

from complaints.models import ComplaintEvent
from ui.wording import date_words


@dataclass
class NarratedEvent:
    """One event, its data, and the names that its ids stand for."""

    event: ComplaintEvent
    at: datetime
    people: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        return self.event.data.get(name)

    def person(self, name: str) -> str:
        return self.people.get(self.get(name), "")

    def team(self, name: str) -> str:
        return self.teams.get(self.get(name), "")

    def choice(self, name: str, choices: type[TextChoices]) -> str:
        """The label of a key of `choices`; the key itself where it is not known (any more)."""
        key = self.get(name)
        return str(choices(key).label) if key in choices.values else str(key or "–")

    def moment(self, name: str) -> str:
        moment = parse_datetime(str(self.get(name) or ""))
        return date_words(moment, self.at) if moment else "–"
