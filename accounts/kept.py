"""What somebody typed into a form that is not shown any more: it comes back to copy, whatever refused the form."""

import re

from django.http import HttpRequest

from ui.text_limits import shown_again

# Fields that a page writes itself; what begins with an underscore is the administration's.
NOT_TYPED = {"csrfmiddlewaretoken", "submission_key", "draft", "next", "query", "filters", "view", "seen", "confirmed"}
# Choices, ids, dates and numbers are single words of plain letters; what people write has spaces, or other letters.
_NO_WORDS = re.compile(r"[!-~]{0,30}")
MOST_TEXTS = 20
# The longest text that any form of ours takes.
LONGEST_TEXT = 20_000
# More than this is not carried through a page to be sent again.
MOST_CARRIED = 200_000


def kept_texts(request: HttpRequest) -> list[str]:
    """Return the texts that were typed into the form of `request`, each once, in the form's order, to be copied.

    Never what stands in a password's field. Empty for a request that is no form, and for one that cannot be read.
    A text of one short word is not told from a choice, and is left out.
    """
    typed = (shown_again(text, LONGEST_TEXT).strip() for name, text in _posted(request) if _is_typed(name))
    return [text for text in dict.fromkeys(typed) if not _NO_WORDS.fullmatch(text)][:MOST_TEXTS]


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return all fields of the form of `request`, to send it again as it was; none where a password is among them.

    Without the protection's token, which every page has of its own. Empty for more than MOST_CARRIED characters.
    """
    fields = [(name, text) for name, text in _posted(request) if name != "csrfmiddlewaretoken"]
    secret = any("password" in name.lower() for name, _text in fields)
    return [] if secret or sum(len(text) for _name, text in fields) > MOST_CARRIED else fields


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    try:
        return [(name, text) for name, texts in request.POST.lists() for text in texts]
    except Exception:  # the body was cut off, is too large, or no form: there is nothing to give back
        return []


def _is_typed(name: str) -> bool:
    return name not in NOT_TYPED and not name.startswith("_") and "password" not in name.lower()
