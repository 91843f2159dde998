"""What providers say, read without trust."""

import json
from typing import Any


def read_json(body: bytes) -> Any:
    """What `body` says; None for what is no JSON, or nested without end."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def digits(value: object) -> str:
    """The digits of a number, whatever stands around them."""
    return "".join(letter for letter in str(value or "")[:40] if letter.isascii() and letter.isdigit())
