"""A mapping says which column holds what. It is a YAML file; two ship with the desk. See docs/importing.md."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from accounts.models.person import time_zones
from complaints.choices import Channel
from complaints.importing.errors import FileRefused
from complaints.importing.readers import Layout
from complaints.models import Complaint
from complaints.models.source_row import NAME_LIMIT

SHIPPED = Path(__file__).parent / "mappings"
# What a column can become.
TARGETS = {
    "narrative",
    "subject",
    "received_at",
    "customer_name",
    "phone",
    "email",
    "category",
    "desired_outcome",
    "place",
    "channel",
    "reply",
    "replied_at",
    "response",
}
REQUIRED = {"narrative", "received_at"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}


@dataclass(frozen=True)
class Mapping:
    """How the rows of one kind of file become complaints."""

    columns: dict[str, str]
    # What keys are unique for; the name of the mapping's file where it says nothing.
    name: str = ""
    language: str = "zh-hans"
    channel: str = Channel.IMPORT
    time_zone: str = "Asia/Shanghai"
    # How the table stands in its file; found out where nothing is said.
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    # The columns that together say which row it is at its source, whatever else changes in it.
    key: tuple[str, ...] = ()
    # strptime patterns, tried in this order.
    dates: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
    # Columns joined to a narrative where there is none.
    narrative_from: tuple[str, ...] = ()
    # Values of a column → channel.
    channels: dict[str, str] = field(default_factory=dict)
    # With one of these values in the response column the case is resolved.
    final_responses: tuple[str, ...] = ()
    # Names are accounts of the source: the same name is the same customer.
    names_are_accounts: bool = False
    # The same name, number and address are the same customer, in the file and among those who are known already.
    contacts_are_accounts: bool = False
    # Columns kept as they are in the case's source record.
    keep: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def needed_columns(self) -> frozenset[str]:
        return frozenset({*self.columns.values(), *self.narrative_from, *self.keep, *self.key})

    @property
    def layout(self) -> Layout:
        return Layout(self.encoding, self.delimiter, self.sheet, self.needed_columns)

    def for_file(self, **said: str) -> "Mapping":
        """The mapping with what is said of this one file: encoding, delimiter, sheet. Raises FileRefused."""
        given = {name: value for name, value in said.items() if value}
        _check_layout(given, "The command")
        return replace(self, **_plain(given))


def shipped_names() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load(name_or_path: str) -> Mapping:
    """Return the shipped mapping of that name, or the one in that YAML file. Raises FileRefused, in words."""
    path = SHIPPED / f"{name_or_path}.yaml"
    if not path.exists():
        path = Path(name_or_path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        shipped = ", ".join(shipped_names())
        raise FileRefused(
            f'There is no mapping "{name_or_path}". Shipped are: {shipped}; or name a YAML file.'
        ) from error
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise FileRefused(f"The mapping {path} cannot be read: {error}") from error
    return build(content, where=str(path))


def build(content: object, *, where: str) -> Mapping:
    """Return the mapping that `content` (parsed YAML) describes. Raises FileRefused naming what is wrong."""
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise FileRefused(f'{where}: a mapping needs "columns:" with one line a field, such as "narrative: Text".')
    known = {f.name for f in fields(Mapping)}
    unknown = sorted(map(str, {*content} - known)) + sorted(map(str, {*content["columns"]} - TARGETS))
    if unknown:
        raise FileRefused(f"{where}: unknown entries: {', '.join(unknown)}.")
    lacking = sorted(REQUIRED - set(content["columns"]))
    if lacking:
        raise FileRefused(f'{where}: "columns:" must name the column of: {", ".join(lacking)}.')
    _check_kinds(content, where)
    _check_layout(content, where)
    _check_values(content, where)
    return Mapping(**_plain({"name": Path(where).stem[:NAME_LIMIT]} | content))


def _plain(content: dict) -> dict:
    """As a Mapping has it: lists as tuples, one text where several may stand as a tuple of it, a separator itself."""
    lists = {f.name for f in fields(Mapping) if f.type == tuple[str, ...]}
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else (value,) if name in lists else value
        for name, value in content.items()
    }
    if "delimiter" in plain:
        plain["delimiter"] = DELIMITERS.get(plain["delimiter"], plain["delimiter"])
    return plain


def _check_kinds(content: dict, where: str):
    """What YAML made of it: text, list of texts, yes or no. A date or a number is text in quotation marks only."""
    for entry in fields(Mapping):
        if entry.name not in content:
            continue
        value = content[entry.name]
        if entry.type is bool:
            fits, wanted = isinstance(value, bool), "true or false"
        elif entry.type == dict[str, str]:
            fits = isinstance(value, dict) and all(isinstance(text, str) for pair in value.items() for text in pair)
            wanted = "one line an entry, each of two texts"
        elif entry.type is str:
            fits, wanted = isinstance(value, str), "a text"
        else:
            fits = all(isinstance(text, str) for text in (value if isinstance(value, list) else [value]))
            wanted = "a text or a list of texts"
        if not fits:
            raise FileRefused(f'{where}: "{entry.name}:" must be {wanted}; put numbers, dates and yes/no in quotes.')


def _check_layout(content: dict, where: str):
    encoding = content.get("encoding", "utf-8")
    try:
        "x".encode(encoding)
    except (LookupError, ValueError) as error:
        raise FileRefused(f'{where}: "{encoding}" is no encoding of texts, such as utf-8 or gb18030.') from error
    delimiter = content.get("delimiter", ",")
    if len(DELIMITERS.get(delimiter, delimiter)) != 1 or delimiter in '"\r\n':
        raise FileRefused(f'{where}: "delimiter:" is one character between cells, or one of: comma, semicolon, tab.')


def _check_values(content: dict, where: str):
    if content.get("time_zone", "Asia/Shanghai") not in time_zones():
        raise FileRefused(f'{where}: "{content["time_zone"]}" is not a time zone, for example Asia/Shanghai.')
    languages = [code for code, _label in Complaint._meta.get_field("language").choices or ()]
    if content.get("language", languages[0]) not in languages:
        raise FileRefused(f'{where}: unknown language "{content["language"]}". Known: {", ".join(languages)}.')
    channels = {content.get("channel", Channel.IMPORT), *(content.get("channels") or {}).values()}
    wrong = sorted(channels - set(Channel.values))
    if wrong:
        raise FileRefused(f"{where}: unknown channels: {', '.join(wrong)}. Known: {', '.join(Channel.values)}.")
    for pattern in _plain({"dates": content.get("dates", [])})["dates"]:
        try:
            datetime.strptime(datetime(2020, 1, 1).strftime(pattern), pattern)  # noqa: DTZ001, DTZ007 - whether it works
        except ValueError as error:
            raise FileRefused(f'{where}: "{pattern}" is not a pattern of dates, such as "%Y-%m-%d".') from error
