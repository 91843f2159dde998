"""The verbs with which stories tell of appeals: made on the link or heard by staff, reviewed, decided by the point."""

from complaints.choices import Channel
from complaints.models import OutsideHelp
from complaints.steps import appeals as steps
from demo.context import Scene


def appeals(scene: Scene):
    """By the customer on the link; heard by staff, it was said on the telephone."""
    what = scene.what
    steps.make(
        scene.complaint_id,
        points=what["points"],
        grounds=scene.text(what["why"]),
        wanted=what.get("wants", ""),
        channel=Channel.LINK if scene.actor.is_customer else Channel.PHONE,
        actor=scene.actor,
        at=scene.at,
    )


def reviews(scene: Scene):
    steps.begin_review(_appeal(scene), actor=scene.actor, at=scene.at)


def decides(scene: Scene):
    """`right` and `stays` hold the reason of each point by its number; `to` works on what is right."""
    what = scene.what
    answers = {number: steps.Answer(True, scene.text(why)) for number, why in what.get("right", {}).items()}
    answers |= {number: steps.Answer(False, scene.text(why)) for number, why in what.get("stays", {}).items()}
    steps.decide(
        _appeal(scene),
        answers=answers,
        team=scene.stage.organisation.teams[what["team"]] if "team" in what else None,
        handler=scene.stage.people.get(what.get("to")),
        outside=OutsideHelp.objects.filter(active=True),
        actor=scene.actor,
        at=scene.at,
    )


def _appeal(scene: Scene) -> int:
    return scene.complaint.appeals.get(round=scene.complaint.round).pk


VERBS = {"appeals": appeals, "reviews": reviews, "decides": decides}
