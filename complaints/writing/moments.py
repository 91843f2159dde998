"""Moments that the customer and we have behind us."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ui.wording import date_words


def refuse_future(moment: datetime | None, at: datetime) -> datetime | None:
    """Return `moment`. Raises ValidationError when it lies after `at` (both aware)."""
    if moment is not None and moment > at:
        words = date_words(moment, at)
        raise ValidationError(_("The date is in the future: %(moment)s"), params={"moment": words})
    return moment
