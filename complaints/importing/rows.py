"""One row → what the intake needs. Pure: no database, no clock."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from complaints.importing.errors import RowRejected
from complaints.importing.mapping import Mapping
from complaints.importing.readers import Row
from complaints.models.complaint import NARRATIVE_LIMIT
from complaints.models.message import BODY_LIMIT
from complaints.models.source_row import KEY_LIMIT
from complaints.texts import clean_line, clean_text
from ui.text_limits import most_read

# Excel writes control characters of its cells as _x000D_; spreadsheets pad with these spaces.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PADDING = re.compile(r"[\t\u00a0\u3000 ]+")
_BLANK_LINES = re.compile(r"\n\s*\n+")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# How a cell that is a date arrives from a sheet, whatever the mapping says of dates that are texts.
REAL_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d")
# As many characters as the intake, the verbs and the columns of the database take.
SUBJECT_LIMIT = 200
LIMITS = {
    "customer_name": 120,
    "phone": 40,
    "email": 254,
    "category": 120,
    "desired_outcome": 500,
    "place": 200,
    "channel": 200,
    "response": 200,
}
# Of a cell that is kept as it is in the case's source record.
KEPT_LIMIT = 5_000
DATE_LIMIT = 100
HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


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
    # With a key in the mapping: which row it is at its source, and what the columns held.
    source_key: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def is_resolved(self) -> bool:
        return bool(self.reply or self.response)


def row_key(row: Row, occurrence: int = 1) -> str:
    """Return what makes the row the same row: its whole content, and which of its twins in the file it is.

    Numbers are no key: they repeat in real files for different complaints.
    """
    content = json.dumps(sorted(row.values.items()), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"import:{occurrence}:{content}".encode("utf-8", "surrogatepass")).hexdigest()


def unpadded(text: str) -> str:
    """Return a cell's text without what spreadsheets and web forms leave around it; line breaks stay."""
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if int(match[1], 16) >= 0x20 else "\n", text)
    lines = (_PADDING.sub(" ", line).strip() for line in clean_text(text).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _unpadded_line(text: str) -> str:
    return clean_line(unpadded(text))


def understand(row: Row, mapping: Mapping, *, key: str, latest: datetime) -> ImportedCase:
    """Return the case in the row. Raises RowRejected with the reason, naming the column.

    `latest` is the moment no complaint can have arrived after (now, plus a day for time zones).
    """
    if row.fault:
        raise RowRejected(row.fault)
    cell = {target: row.values[column] for target, column in mapping.columns.items()}
    line = {target: _text(mapping.columns.get(target, ""), cell.get(target, ""), LIMITS[target]) for target in LIMITS}
    received_at = _possible(cell, mapping, "received_at", latest)
    if received_at is None:
        raise RowRejected(f"{mapping.columns['received_at']}: the date is missing")
    response = line["response"]
    return ImportedCase(
        line=row.line,
        key=key,
        narrative=_narrative(row, cell["narrative"], mapping),
        subject=_text(mapping.columns.get("subject", ""), cell.get("subject", ""), SUBJECT_LIMIT, _unpadded_line),
        received_at=received_at,
        channel=_channel(line["channel"], mapping),
        language=mapping.language,
        customer_name=line["customer_name"],
        phone=line["phone"],
        email=_email(line["email"], mapping),
        category=line["category"],
        desired_outcome=line["desired_outcome"],
        place=line["place"],
        reply=_text(mapping.columns.get("reply", ""), cell.get("reply", ""), BODY_LIMIT, unpadded),
        replied_at=_possible(cell, mapping, "replied_at", latest),
        response=response if response in mapping.final_responses else "",
        source=_kept(row, mapping) | ({"response": response} if response else {}),
        source_key=_source_key(row, mapping),
        columns=_compared(row, mapping),
    )


def _text(column: str, raw: str, limit: int, clean: Callable[[str], str] = clean_line) -> str:
    """The cell cleaned. Raises RowRejected when it has more characters than its place; nothing is cut off."""
    length = len(raw)
    if length <= most_read(limit):
        text = clean(raw)
        length = len(text)
        if HALF_CHARACTERS.search(text):
            raise RowRejected(f"{column}: a character in it is broken")
        if length <= limit:
            return text
    raise RowRejected(f"{column}: {length:,} characters, at most {limit:,} can be kept")


def _narrative(row: Row, raw: str, mapping: Mapping) -> str:
    column = mapping.columns["narrative"]
    narrative = _text(column, raw, NARRATIVE_LIMIT, unpadded)
    if not narrative:
        parts = (_text(name, row.values[name], NARRATIVE_LIMIT) for name in mapping.narrative_from)
        narrative = _text(column, "\n".join(filter(None, parts)), NARRATIVE_LIMIT, clean_text)
    if not narrative:
        raise RowRejected(f"{column}: there is no text")
    return narrative


def _kept(row: Row, mapping: Mapping) -> dict[str, str]:
    return {name: _text(name, row.values[name], KEPT_LIMIT) for name in mapping.keep if row.values[name].strip()}


def _source_key(row: Row, mapping: Mapping) -> str:
    """What names the row at its source; "" where the mapping names no key, or the row has none: its content counts."""
    parts = [_same(row, name, mapping) for name in mapping.key]
    if not any(parts):
        return ""
    key = parts[0] if len(parts) == 1 else json.dumps(parts, ensure_ascii=False)
    return _text(", ".join(mapping.key), key, KEY_LIMIT)


def _compared(row: Row, mapping: Mapping) -> dict[str, str]:
    """What a later export of the row is compared with: the columns that the mapping uses, where it names a key."""
    return {name: _same(row, name, mapping) for name in sorted(mapping.needed_columns)} if mapping.key else {}


def _same(row: Row, column: str, mapping: Mapping) -> str:
    """The cell in a form that is the same from every kind of file: a date as a date, whatever its pattern."""
    for target in ("received_at", "replied_at"):
        if mapping.columns.get(target) == column:
            moment = _moment(row.values[column], mapping, target)
            return moment.astimezone(mapping.zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
    return _text(column, row.values[column], NARRATIVE_LIMIT, unpadded)


def _possible(cell: dict[str, str], mapping: Mapping, target: str, latest: datetime) -> datetime | None:
    moment = _moment(cell.get(target, ""), mapping, target)
    if moment is not None and not EARLIEST <= moment <= latest:
        raise RowRejected(f'{mapping.columns[target]}: "{cell[target].strip()}" is not a possible date')
    return moment


def _moment(raw: str, mapping: Mapping, target: str) -> datetime | None:
    """The moment in the cell, which is of the mapping's zone unless it says its own."""
    text = _text(mapping.columns.get(target, ""), raw, DATE_LIMIT)
    if not text:
        return None
    for pattern in (*mapping.dates, *REAL_DATES):
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - its zone follows
            return (moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)).astimezone(UTC)
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
