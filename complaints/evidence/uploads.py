"""Receiving files: never more on disk than we would take, and no surprise that the form cannot explain.

Set in settings.FILE_UPLOAD_HANDLERS after Django's handler for small requests. What cannot be kept
(too large, too many, a full disk) arrives in the form as a file without content that says why, so
that the answer stands beside the field and everything typed is kept.
"""

import contextlib
import io

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

NAMELESS = "file"


class UnkeptUpload(UploadedFile):
    """A file that was sent but not kept; `size` is what arrived."""

    def __init__(self, name: str, size: int, could_not_store: bool):
        super().__init__(io.BytesIO(), name=name[-100:], size=size)
        self.could_not_store = could_not_store


class Parser(MultiPartParser):
    """Django drops a file called ".." silently; here it gets a name instead."""

    def sanitize_file_name(self, file_name):
        return super().sanitize_file_name(file_name) or NAMELESS


class EvidenceUploadHandler(TemporaryFileUploadHandler):
    """Streams to a temporary file up to EVIDENCE_MAX_BYTES, for at most EVIDENCE_MAX_FILES files."""

    parsing = False
    files = 0

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        """Read the request with our parser (which asks every handler once more, hence the mark)."""
        if self.parsing:
            return None
        self.parsing = True
        return Parser(META, input_data, self.request.upload_handlers, encoding).parse()

    def new_file(self, *args, **kwargs):
        self.files += 1
        self.kept, self.could_not_store, self.file = True, False, None
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self._give_up(could_not_store=True)
        if self.files > settings.EVIDENCE_MAX_FILES:
            self._give_up()

    def receive_data_chunk(self, raw_data, start):
        if self.kept and start + len(raw_data) > settings.EVIDENCE_MAX_BYTES:
            self._give_up()
        if self.kept:
            try:
                self.file.write(raw_data)
            except OSError:
                self._give_up(could_not_store=True)

    def file_complete(self, file_size):
        if not self.kept:
            return UnkeptUpload(self.file_name, file_size, self.could_not_store)
        return super().file_complete(file_size)

    def upload_interrupted(self):
        """Raises MultiPartParserError (400): half a file must not look like no file."""
        self._give_up()
        raise MultiPartParserError("The upload ended in the middle of a file.")

    def _give_up(self, could_not_store=False):
        self.kept, self.could_not_store = False, could_not_store
        if getattr(self, "file", None) is not None:
            with contextlib.suppress(OSError):
                self.file.close()
