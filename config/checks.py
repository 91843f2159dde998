"""System checks: settings that each parse but do not fit together, in words."""

import ipaddress

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from config import owner


def is_loopback(host: str) -> bool:
    """Say whether `host` means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security)
def base_url_is_encrypted(app_configs, **kwargs) -> list[CheckMessage]:
    """desk.W001: people would sign in over plain HTTP across a network."""
    if settings.DEBUG or settings.SECURE or is_loopback(settings.ALLOWED_HOSTS[0] or ""):
        return []
    return [
        Warning(
            f"BASE_URL is {settings.BASE_URL}: passwords and customers' links would travel unencrypted.",
            hint="Put the desk behind HTTPS and set BASE_URL=https://…",
            id="desk.W001",
        )
    ]


@register(Tags.security, deploy=True)
def mail_leaves_the_machine(app_configs, **kwargs) -> list[CheckMessage]:
    """desk.W002: in production, messages to customers would be written to files or the console."""
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    return [
        Warning(
            "EMAIL_URL names no mail server: messages to customers and staff would not leave this machine.",
            hint="Set EMAIL_URL=smtp://user:password@host:587",
            id="desk.W002",
        )
    ]


@register(Tags.database)
def history_is_protected_from_the_application(app_configs, databases=None, **kwargs) -> list[CheckMessage]:
    """desk.W003: the role that answers requests could lift the history's triggers.

    Runs where the database is asked (prepare_database, check --database default), not in /readyz, which
    strangers may read.
    """
    if not databases or "default" not in databases:
        return []
    try:
        open_tables = owner.may_change(settings.APPEND_ONLY_TABLES)
    except DatabaseError:
        return []
    if not open_tables:
        return []
    return [
        Warning(
            "The history is protected by triggers only: the role of DATABASE_URL owns it or is a superuser.",
            hint="Give DATABASE_URL a role of its own and the owner's address in DATABASE_OWNER_URL.",
            id="desk.W003",
        )
    ]
