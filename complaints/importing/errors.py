class FileRefused(Exception):
    """The file or its mapping cannot be used; nothing was imported by this step. The text is for people."""


class RowRejected(Exception):
    """One row cannot become a complaint; the text says why."""
