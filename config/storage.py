"""Static files under hashed names, compressed, served by the application itself."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage that leaves `sourceMappingURL` comments alone.

    Vendored files are committed byte for byte and name source maps that are not shipped; rewriting those
    names would fail.
    """

    patterns = tuple(
        (glob, tuple(pattern for pattern in found if "sourceMappingURL" not in str(pattern)))
        for glob, found in CompressedManifestStaticFilesStorage.patterns
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[tuple[str | None, bool], str] = {}

    def url(self, name, force=False):
        """The address of a file, looked up once a process: a list asks for the same icons hundreds of times."""
        if (name, force) not in self._known:
            self._known[name, force] = super().url(name, force)
        return self._known[name, force]
