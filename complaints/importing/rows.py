"""One row → what the intake needs. Pure: no database, no clock."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from complaints.importing.errors import RowRejected
from complaints.importing.mapping import Mapping
from complaints.importing.readers import Row
from complaints.models.complaint import NARRATIVE_LIMIT
from complaints.texts import clean_line, clean_text

# Excel writes control characters of its cells as _x000D_; spreadsheets pad with these spaces.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PADDING = re.compile(r"[\t\u00a0\u3000 ]+")
_BLANK_LINES = re.compile(r"\n\s*\n+")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ImportedCase:
    """A row understood: texts are clean, moments aware."""

    line: int
    key: str
    narrative: str
    subject: str
    received_at: datetime
    channel: str
    language: str
    customer_name: str
    phone: str
    email: str
    category: str
    desired_outcome: str
    place: str
    reply: str
    replied_at: datetime | None
    response: str
    source: dict

    @property
    def is_resolved(self) -> bool:
        return bool(self.reply or self.response)


def row_key(row: Row, occurrence: int = 1) -> str:
    """Return what makes the row the same row: its whole content, and which of its twins in the file it is.

    Numbers are no key: they repeat in real files for different complaints.
    """
    content = json.dumps(sorted(row.values.items()), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"import:{occurrence}:{content}".encode()).hexdigest()


def unpadded(text: str) -> str:
    """Return a cell's text without what spreadsheets and web forms leave around it; line breaks stay."""
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if int(match[1], 16) >= 0x20 else "\n", text)
    lines = (_PADDING.sub(" ", line).strip() for line in clean_text(text).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def understand(row: Row, mapping: Mapping, *, key: str, latest: datetime) -> ImportedCase:
    """Return the case in the row. Raises RowRejected with the reason, naming the column.

    `latest` is the moment no complaint can have arrived after (now, plus a day for time zones).
    """
    if row.fault:
        raise RowRejected(row.fault)
    cell = {target: row.values[column] for target, column in mapping.columns.items()}
    narrative = unpadded(cell["narrative"]) or clean_text(
        "\n".join(filter(None, (clean_line(row.values[column]) for column in mapping.narrative_from)))
    )
    if not narrative:
        raise RowRejected(f"{mapping.columns['narrative']}: there is no text")
    if len(narrative) > NARRATIVE_LIMIT:
        raise RowRejected(
            f"{mapping.columns['narrative']}: {len(narrative):,} characters, at most {NARRATIVE_LIMIT:,} can be kept"
        )
    received_at = _moment(cell["received_at"], mapping, "received_at")
    if received_at is None:
        raise RowRejected(f"{mapping.columns['received_at']}: the date is missing")
    if not EARLIEST <= received_at <= latest:
        raise RowRejected(f'{mapping.columns["received_at"]}: "{cell["received_at"].strip()}" is not a possible date')
    response = clean_line(cell.get("response", ""))
    return ImportedCase(
        line=row.line,
        key=key,
        narrative=narrative,
        subject=clean_line(unpadded(cell.get("subject", ""))),
        received_at=received_at,
        channel=_channel(clean_line(cell.get("channel", "")), mapping),
        language=mapping.language,
        customer_name=clean_line(cell.get("customer_name", ""))[:120],
        phone=clean_line(cell.get("phone", ""))[:40],
        email=_email(clean_line(cell.get("email", "")), mapping),
        category=clean_line(cell.get("category", ""))[:120],
        desired_outcome=clean_line(cell.get("desired_outcome", ""))[:500],
        place=clean_line(cell.get("place", ""))[:200],
        reply=unpadded(cell.get("reply", "")),
        replied_at=_moment(cell.get("replied_at", ""), mapping, "replied_at"),
        response=response if response in mapping.final_responses else "",
        source={column: clean_line(row.values[column]) for column in mapping.keep if row.values[column].strip()}
        | ({"response": response} if response else {}),
    )


def _moment(raw: str, mapping: Mapping, target: str) -> datetime | None:
    text = clean_line(raw)
    if not text:
        return None
    for pattern in mapping.dates:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=mapping.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise RowRejected(f'{mapping.columns[target]}: "{text[:40]}" is not a date like {" or ".join(mapping.dates)}')


def _channel(raw: str, mapping: Mapping) -> str:
    if not raw:
        return mapping.channel
    if raw not in mapping.channels:
        raise RowRejected(f'{mapping.columns["channel"]}: "{raw[:40]}" is not in the mapping\'s channels')
    return mapping.channels[raw]


def _email(raw: str, mapping: Mapping) -> str:
    if raw:
        try:
            validate_email(raw)
        except ValidationError as error:
            raise RowRejected(f'{mapping.columns["email"]}: "{raw[:60]}" is not an e-mail address') from error
    return raw


def latest_possible(at: datetime) -> datetime:
    """A day after `at`: the file's zone may be ahead of ours."""
    return at + timedelta(days=1)
