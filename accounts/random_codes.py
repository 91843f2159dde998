"""Codes that people read off paper and type: random, in capitals and digits of which none looks like another."""

import secrets
import unicodedata

# Without 0, O, 1, I, L and U.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
# Longer than any spelling of a code: what is longer is none, and is not looked at further.
LONGEST_TYPED = 40


def drawn() -> str:
    """A code that nobody can guess: one of 30⁸, about 6.6 × 10¹¹."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def as_written(typed: str) -> str:
    """The code that somebody typed, as we write it: "k7q2 m9xa" is K7Q2M9XA; "" for what cannot be a code."""
    if len(typed) > LONGEST_TYPED:
        return ""
    plain = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(letter for letter in plain if letter not in "-‐–—" and not letter.isspace())
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
