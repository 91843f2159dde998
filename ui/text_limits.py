"""How long a text may be: asked first, before any work is done on it, and how much of a refused one is shown again."""

from django.core.exceptions import BadRequest
from django.utils.functional import Promise as LazyText

# So much is always looked at and given back, however short the field: a whole letter pasted into the wrong one.
LETTER = 10_000


def most_read(limit: int) -> int:
    """The length in characters from which a text for `limit` is refused unread: no cleaning makes it short enough.

    Cleaning takes away one of two line ends and up to two of three code points (Vietnamese, Hangul, taken apart).
    """
    return max(4 * limit, LETTER)


def shown_again(text: str, limit: int) -> str:
    """What of a refused text stands in its form again: all of it as long as somebody may have meant it."""
    return text[: most_read(limit)]


class RequestRefused(BadRequest):
    """What was sent cannot be served as it is: `words` say why to people, `status` to programs. Nothing was done."""

    def __init__(self, words: str | LazyText, status: int = 400):
        super().__init__(words)
        self.words, self.status = words, status
