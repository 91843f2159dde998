"""What a case and its earlier rounds came to, as texts that a search finds.

Who answers for it inside is left out: not everybody who finds a case may read that.
"""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from complaints.choices import Status
from complaints.models import Complaint, Feedback, Point, Resolution, Round

# Before that there is no result.
BEFORE_RESULTS = (Status.RECEIVED, Status.VERIFIED)


def texts_of_many(complaints: Iterable[Complaint]) -> Iterator[tuple[int, str]]:
    """Yield (id of the complaint, text) of findings, results, answers, lessons and earlier rounds.

    One query, two where there are earlier rounds; none for complaints that nobody works on yet.
    """
    begun = [complaint for complaint in complaints if complaint.status not in BEFORE_RESULTS]
    again = [complaint for complaint in begun if complaint.round > 1]
    for complaint in begun:
        yield from ((complaint.pk, text) for text in (complaint.lesson, complaint.closing_reason) if text)
    if begun:
        first, *others = (
            _column(Point.objects.exclude(finding=""), "finding", begun),
            _column(Resolution.objects.exclude(solution=""), "solution", begun),
            _column(Resolution.objects.exclude(told_note=""), "told_note", begun),
            _column(Feedback.objects.exclude(words=""), "words", begun),
        )
        yield from first.union(*others, all=True)
    if again:
        for round in Round.objects.filter(complaint__in=again):
            yield from ((round.complaint_id, text) for text in _of_a_round(round))


def _column(rows: QuerySet, name: str, complaints: list[Complaint]) -> QuerySet:
    return rows.order_by().filter(complaint__in=complaints).values_list("complaint_id", name)


def _of_a_round(round: Round) -> list[str]:
    """What is nowhere else any more: result and answer of each round have rows that stay."""
    plain = (round.reason, round.restatement, round.letter, round.closing_reason, round.exception, round.lesson)
    points = (text for point in round.points for text in (point["text"], point["finding"]))
    return [text for text in (*plain, *points, *(option["words"] for option in round.options)) if text]
