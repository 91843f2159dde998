"""The account at a provider of text messages (SMS_URL), what is asked of it and what it answers."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Account:
    """As config.env_sms reads it: where it is asked, with which key."""

    provider: str
    host: str
    port: int
    path: str
    encrypted: bool
    key_id: str
    secret: str
    signs: dict[str, str]
    app: str
    region: str

    @property
    def authority(self) -> str:
        """The host as the Host header names it."""
        usual = self.port == (443 if self.encrypted else 80)
        return self.host if usual else f"{self.host}:{self.port}"


def account() -> Account:
    """The account of this desk. Raises TypeError where there is none."""
    return Account(**settings.SMS)


@dataclass(frozen=True)
class Request:
    """One POST: the path with its query, headers besides Host and Content-Length, and the body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the provider said: never more than some kilobytes of it."""

    status: int
    body: bytes
    retry_after_s: int | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of one message, as a provider reports it: known by our name for it, by theirs, or by the number.

    `number` holds digits only, as it was reported.
    """

    number: str
    delivered: bool
    why: str = ""
    ref: str = ""
    provider_id: str = ""
