"""A form that is sent twice is one thing: the key it carries, and a digest of what was sent with it.

The same key with the same content (a double click, a resend) gives what it gave first. The same key with other
content (the page came back from the browser's memory and was filled in anew) is refused, and nothing of it is lost.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, overload

from django.db.models import Model
from django.utils.translation import gettext as _

from complaints.errors import Refused

Made = TypeVar("Made", bound=Model)
Other = TypeVar("Other", bound=Model)
# What each model with a `submission_key` keeps beside it.
DIGEST = "submission_digest"


class SentBefore(Refused):
    """The key was used already, with other content: nothing was done. `first` is what was made with it then."""

    status = 409

    def __init__(self, first: Model) -> None:
        super().__init__(
            _(
                "You sent something with this form already, and we have it. What stands here now is not sent yet: "
                "send it again if you mean it as well."
            )
        )
        self.first = first


def digest_of(*parts: object) -> str:
    """Return the SHA-256 (hex) of what was sent.

    Parts may be texts, numbers, moments (aware), rows (they count by their id), files of evidence (by their bytes),
    and lists, sets, dictionaries and dataclasses of these.
    """
    return hashlib.sha256(json.dumps([_plain(part) for part in parts], ensure_ascii=False).encode()).hexdigest()


@overload
def first_with(key: str | None, digest: str, model: type[Made], /) -> Made | None: ...


@overload
def first_with(key: str | None, digest: str, model: type[Made], other: type[Other], /) -> Made | Other | None: ...


def first_with(key: str | None, digest: str, *models: type[Model]) -> Model | None:
    """Return the row that the key made before, of the first of the models that has it; None where it is new.

    Raises SentBefore when it was made of other content. Rows from before digests were kept, and imported ones, have
    none: there the key alone counts.
    """
    if not key:
        return None
    for model in models:
        made = model._default_manager.filter(submission_key=key)
        # Nearly every key is new: what it may have made is read only where there is something.
        first = made.first() if made.exists() else None
        if first is not None:
            if getattr(first, DIGEST) not in ("", digest):
                raise SentBefore(first)
            return first
    return None


def _plain(part: Any) -> object:
    """The part as JSON can hold it, always in the same way."""
    if hasattr(part, "sha256"):
        return ["file", part.sha256]
    if isinstance(part, Model):
        return [part._meta.label, part.pk]
    if is_dataclass(part):
        return {field.name: _plain(getattr(part, field.name)) for field in fields(part)}
    if isinstance(part, dict):
        return {str(name): _plain(part[name]) for name in sorted(part)}
    if isinstance(part, datetime):
        return part.timestamp()
    if isinstance(part, str) or not isinstance(part, Iterable):
        return part if isinstance(part, int | float | None) else str(part)
    plain = [_plain(each) for each in part]
    return sorted(plain, key=json.dumps) if isinstance(part, set | frozenset) else plain
