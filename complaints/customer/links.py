"""The customer's link: 256 random bits, stored as a hash for look-up and sealed for later messages."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet
from django.conf import settings
from django.urls import reverse

from ui.caches import remembered


def new_token() -> str:
    """Return a fresh token (43 URL-safe characters, 256 bits)."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored for look-up: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


@remembered(4)
def _cipher(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"customer link:" + key.encode()).digest()))


def seal(token: str) -> str:
    """Return the token encrypted with TOKEN_KEY, which is not in the database."""
    return _cipher(settings.TOKEN_KEY).encrypt(token.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the token. Raises cryptography.fernet.InvalidToken when TOKEN_KEY is another one."""
    return _cipher(settings.TOKEN_KEY).decrypt(sealed.encode()).decode()


def public_path(complaint) -> str:
    """Return the path of the customer's page of `complaint`."""
    return reverse("complaints:public_status", args=[unseal(complaint.token_sealed)])


def public_url(complaint) -> str:
    """Return the address of the customer's page; the host comes from settings, never from a request."""
    return settings.BASE_URL + public_path(complaint)
