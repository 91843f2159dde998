"""Form fields for what people type: cleaned, so that an invisible text counts as an empty one.

Length is checked after cleaning and never by the browser, which would cut a pasted text without a word.
"""

from django import forms
from django.core.validators import MaxLengthValidator

from complaints.texts import clean_line, clean_text


class LineField(forms.CharField):
    """One line of at most `limit` characters; see texts.clean_line."""

    clean_typed = staticmethod(clean_line)

    def __init__(self, *, limit: int, **kwargs):
        super().__init__(validators=[MaxLengthValidator(limit)], **kwargs)

    def to_python(self, value):
        """Return the cleaned text; one with NUL stays as it is, for CharField's own validator to refuse."""
        text = super().to_python(value)
        return text if "\0" in text else self.clean_typed(text)


class TextField(LineField):
    """A text of several lines, of at most `limit` characters; see texts.clean_text."""

    clean_typed = staticmethod(clean_text)
    widget = forms.Textarea
