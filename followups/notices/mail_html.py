"""The HTML part of a mail, made from its plain text: the same words, one column, nothing loaded, everything escaped.

The text is cut at empty lines. Of lines that hold nothing but an address only those of our own pages become links,
so that nobody can put a link of theirs behind our words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext as _

PREHEADER = 140


@dataclass
class Block:
    """One paragraph: its lines, those of a list, or the address that a button leads to."""

    lines: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    link: str = ""
    # The address is one of several, or the main one of the mail.
    is_button: bool = False


@dataclass
class Paragraph:
    """What stands between two empty lines. A list and the lines around it stand in a box: what comes next by when."""

    blocks: list[Block]

    @property
    def is_boxed(self) -> bool:
        return any(block.items for block in self.blocks) and not any(block.link for block in self.blocks)


def page(subject: str, text: str, values: dict[str, Any], *, to_customer: bool) -> str:
    """The HTML of a mail with this subject and plain text, in the active language.

    `values` are those that the text was made with: `link` is the page that the mail is about.
    """
    main = values.get("link", "")
    own = _own_links(values)
    paragraphs = [Paragraph(list(_blocks(paragraph, main, own))) for paragraph in text.strip().split("\n\n")]
    said = [block for paragraph in paragraphs for block in paragraph.blocks if block.lines]
    # The first paragraph greets, the second one says it.
    preheader = " ".join((said[1] if len(said) > 1 else said[0]).lines) if said else ""
    context = {
        "language": (get_language() or "en").replace("zh-hans", "zh-Hans"),
        "subject": subject,
        "preheader": preheader[:PREHEADER],
        "paragraphs": paragraphs,
        # The name that is set; the one of a desk that set none is translated.
        "sender": _(parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Complaint desk"),
        "button": _("Open my complaint") if to_customer else _("Open the page"),
        "reference": values.get("reference", ""),
        "to_customer": to_customer,
    }
    return render_to_string("emails/layout.html", context)


def _blocks(paragraph: str, main: str, own: frozenset[str]) -> Iterator[Block]:
    block = Block()
    for line in filter(None, paragraph.split("\n")):
        if line in own:
            yield block
            yield Block(link=line, is_button=line == main)
            block = Block()
        elif line.startswith("- "):
            block.items.append(line[2:])
        elif block.items:
            yield block
            block = Block(lines=[line])
        else:
            block.lines.append(line)
    if block.lines or block.items:
        yield block


def _own_links(values: dict[str, Any]) -> frozenset[str]:
    named = [values.get("link"), values.get("preferences"), *(line["link"] for line in values.get("happened", ()))]
    return frozenset(link for link in named if link)
