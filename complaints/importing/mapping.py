"""A mapping says which column holds what. It is a YAML file; two ship with the desk."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import yaml

from complaints.choices import Channel
from complaints.importing.errors import FileRefused

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


@dataclass(frozen=True)
class Mapping:
    """How the rows of one kind of file become complaints."""

    columns: dict[str, str]
    language: str = "zh-hans"
    channel: str = Channel.IMPORT
    time_zone: str = "Asia/Shanghai"
    encoding: str = "utf-8-sig"
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
    # Columns kept as they are in the case's source record.
    keep: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def needed_columns(self) -> set[str]:
        return {*self.columns.values(), *self.narrative_from, *self.keep}

    def column_faults(self, header: list[str]) -> str:
        """Return a sentence naming the columns the file lacks, or ""."""
        lacking = sorted(self.needed_columns - set(header))
        return f"The file lacks these columns: {', '.join(lacking)}. It has: {', '.join(header)}." if lacking else ""


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
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileRefused(f"The mapping {path} cannot be read: {error}") from error
    return build(content, where=str(path))


def build(content: object, *, where: str) -> Mapping:
    """Return the mapping that `content` (parsed YAML) describes. Raises FileRefused naming what is wrong."""
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise FileRefused(f'{where}: a mapping needs "columns:" with one line a field, such as "narrative: Text".')
    known = {f.name for f in fields(Mapping)}
    unknown = sorted(set(content) - known) + sorted(set(content["columns"]) - TARGETS)
    if unknown:
        raise FileRefused(f"{where}: unknown entries: {', '.join(map(str, unknown))}.")
    lacking = sorted(REQUIRED - set(content["columns"]))
    if lacking:
        raise FileRefused(f'{where}: "columns:" must name the column of: {", ".join(lacking)}.')
    if content.get("time_zone", "Asia/Shanghai") not in available_timezones():
        raise FileRefused(f'{where}: "{content["time_zone"]}" is not a time zone, for example Asia/Shanghai.')
    channels = {content.get("channel", Channel.IMPORT), *(content.get("channels") or {}).values()}
    wrong = sorted(str(channel) for channel in channels - set(Channel.values))
    if wrong:
        raise FileRefused(f"{where}: unknown channels: {', '.join(wrong)}. Known: {', '.join(Channel.values)}.")
    return Mapping(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})
