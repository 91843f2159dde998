"""How long a customer's link works: while the case is open, and the organisation's number of days after its end.

A duplicate is open for its customer while its original is. A newer link has its days from when it was made. While a
result can be appealed, and an appeal is decided, the link is needed; then it has its days from the decision.
"""

from datetime import datetime, timedelta

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import GreaterThan, IsNull

from accounts.models import DeskRules
from accounts.models.rules import LINK_DAYS
from complaints.choices import Status
from complaints.models import Appeal, Complaint

DAY = Value(timedelta(days=1), output_field=DurationField())
DAYS = Coalesce(Subquery(DeskRules.objects.filter(pk=1).values("link_days")), Value(LINK_DAYS))
# The last of those that are known; none where nobody knows when an imported case was closed.
DECIDED = Appeal.objects.filter(complaint=OuterRef("pk")).order_by(F("decided_at").desc(nulls_last=True))
SINCE = Greatest("closed_at", "duplicate_of__closed_at", "link_renewed_at", Subquery(DECIDED.values("decided_at")[:1]))
ENDS = SINCE + ExpressionWrapper(DAYS * DAY, output_field=DurationField())
OPEN_YET = ~Q(status=Status.ARCHIVED) | (Q(duplicate_of__isnull=False) & ~Q(duplicate_of__status=Status.ARCHIVED))


def works(now: Expression) -> Q:
    """Of complaints: those whose link works at `now` (a moment that is known, or given when it is asked)."""
    in_time: GreaterThan = GreaterThan(ENDS, now)
    appealed = Q(appeal_until__gt=now) | Q(Exists(Appeal.objects.filter(complaint=OuterRef("pk"), decided_at=None)))
    return OPEN_YET | Q(IsNull(SINCE, True)) | Q(in_time) | appealed


def is_over(complaint_id: int, now: datetime) -> bool:
    """Whether the link of a complaint does not work any more at `now` (aware). One query."""
    return not Complaint.objects.filter(works(Value(now)), pk=complaint_id).exists()
