"""A small proof of work: a script in the page looks for a number, which costs a phone less than a second.

It keeps nobody out (without a script a tighter limit counts); it makes a flood cost as much as it costs us. The
challenge is signed, ends after some hours and counts once; asking for one changes nothing.
"""

import hashlib
import secrets

from django.core import signing

from accounts.throttle import allow

SALT = "complaints.webform.proof"
# So many zero bits, found after 2^BITS tries in the middle.
BITS = 14
# Somebody may write for a long time.
VALID_S = 6 * 3600
LONGEST_ANSWER = 20


def challenge() -> str:
    """A fresh challenge for a page."""
    return signing.dumps(secrets.token_urlsafe(9), salt=SALT)


def is_solved(given: str, answer: str) -> bool:
    """Whether `answer` (a number in digits) solves the challenge, which is ours, not too old and was not used yet.

    Using it up is counted in Redis; while that does not answer it counts as solved.
    """
    if not (answer.isascii() and answer.isdigit() and len(answer) <= LONGEST_ANSWER):
        return False
    try:
        signing.loads(given, salt=SALT, max_age=VALID_S)
    except signing.BadSignature:
        return False
    digest = hashlib.sha256(f"{given}.{answer}".encode()).digest()
    if int.from_bytes(digest[:4], "big") >> (32 - BITS):
        return False
    return allow("proof", given, limit=1, seconds=VALID_S)
