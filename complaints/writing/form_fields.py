"""Form fields for what people type: cleaned, so that an invisible text counts as an empty one.

Length is checked after cleaning (a text that no cleaning makes short enough is refused before) and never by the
browser, which would cut a pasted text without a word.
"""

from django import forms
from django.core.exceptions import ValidationError

from complaints.texts import TooLong, read_line, read_text
from complaints.writing.reply_templates import Unfilled, refuse_unfilled


def filled(text: str) -> str:
    """The text, for a field's clean method, if a customer may read it. Raises ValidationError naming its holes."""
    try:
        refuse_unfilled(text)
    except Unfilled as refused:
        raise ValidationError(str(refused)) from refused
    return text


class LineField(forms.CharField):
    """One line of at most `limit` characters; see texts.clean_line."""

    read = staticmethod(read_line)

    def __init__(self, *, limit: int, **kwargs):
        self.limit = limit
        super().__init__(**kwargs)

    def to_python(self, value):
        """Return the cleaned text; one with NUL stays as it is, for CharField's own validator to refuse."""
        text = super().to_python(value)
        try:
            return text if "\0" in text else self.read(text, self.limit)
        except TooLong as refused:
            raise ValidationError(str(refused), code="max_length") from refused


class TextField(LineField):
    """A text of several lines, of at most `limit` characters; see texts.clean_text."""

    read = staticmethod(read_text)
    widget = forms.Textarea
