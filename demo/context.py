"""One line of a story on the stage: who acts, on which complaint, when, and with which words."""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Person
from complaints.case.actors import CUSTOMER, Actor
from complaints.models import Complaint
from demo.material import Drawn
from demo.moments import Clock
from demo.organisation import Organisation
from demo.stories import Line


@dataclass
class Stage:
    """What all stories share: the organisation, its people, the clock, the photos, the complaints so far."""

    organisation: Organisation
    people: dict[str, Person]
    clock: Clock
    photos: dict[Drawn, bytes]
    ids: dict[str, int] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


@dataclass
class Scene:
    stage: Stage
    line: Line

    @property
    def at(self) -> datetime:
        return self.line.at

    @property
    def what(self):
        """What follows the sentence: a text, a number, or a mapping."""
        return self.line.what

    @property
    def story(self) -> dict:
        return self.line.story

    @property
    def actor(self) -> Actor:
        return CUSTOMER if self.line.who == "customer" else Actor.staff(self.stage.people[self.line.who])

    @property
    def complaint_id(self) -> int:
        return self.stage.ids[self.story["key"]]

    @property
    def complaint(self) -> Complaint:
        """The complaint as it is now."""
        return Complaint.objects.get(pk=self.complaint_id)

    def text(self, value) -> str:
        """A text of the story with its moments and references filled in; "" for nothing."""
        return self.stage.clock.fill(value, self.story["in"], self.stage.references) if value else ""

    def moment(self, said: str) -> datetime:
        return self.stage.clock.moment(said)
