"""Moments of a story, told from the moment at which the demo is loaded.

"-12d 09:30" is half past nine twelve days ago, "+1d 17:00" tomorrow at five, "-3h20m" three hours and
twenty minutes ago. "-3d" without a time names the day.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from ui.wording import date_words

MOMENT = re.compile(r"([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?: (\d\d:\d\d))?")
IN_TEXT = re.compile(r"\{(case:)?([^{}]+)\}")


@dataclass(frozen=True)
class Clock:
    """`now` is the moment of loading (aware); wall times are those of `zone`."""

    now: datetime
    zone: ZoneInfo

    def moment(self, said: str) -> datetime:
        """The moment (UTC) that `said` names. Raises ValueError."""
        found = MOMENT.fullmatch(said.strip())
        if found is None:
            raise ValueError(f"“{said}” is no moment of a story")
        sign, days, hours, minutes, wall = found.groups()
        length = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0))
        moment = self.now - length if sign == "-" else self.now + length
        if wall is None:
            return moment.astimezone(UTC)
        return datetime.combine(
            moment.astimezone(self.zone).date(), time.fromisoformat(wall), tzinfo=self.zone
        ).astimezone(UTC)

    def words(self, said: str, language: str) -> str:
        """The moment as a letter in `language` names it: "Thursday 19 November, 10:00"."""
        only_a_day = re.fullmatch(r"[+-]\d+d", said) is not None
        with translation.override(language), timezone.override(self.zone):
            return date_words(self.moment(said), self.now, "long_day" if only_a_day else "long")

    def fill(self, text: str, language: str, references: dict[str, str]) -> str:
        """`text` with "{+1d 17:00}" in words and "{case:key}" as the reference of another story."""

        def value(found: re.Match) -> str:
            return references[found[2]] if found[1] else self.words(found[2], language)

        return IN_TEXT.sub(value, text)
