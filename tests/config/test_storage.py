import pytest
from django.core.files.base import ContentFile

from config.storage import ManifestStorage


@pytest.fixture
def storage(tmp_path):
    return ManifestStorage(location=str(tmp_path), base_url="/static/")


def collect(storage, files: dict[str, bytes]):
    for name, content in files.items():
        storage.save(name, ContentFile(content))
    processed = {name: (storage, name) for name in files}
    failed = [outcome for _name, _hashed, outcome in storage.post_process(processed) if isinstance(outcome, Exception)]
    for error in failed:
        raise error


def test_names_carry_the_hash_of_their_content_and_addresses_follow(storage):
    collect(storage, {"a.css": b"body{background:url(b.svg)}", "b.svg": b"<svg/>"})
    assert storage.url("a.css") != "/static/a.css"
    with storage.open(storage.stored_name("a.css")) as file:
        assert storage.stored_name("b.svg").encode() in file.read()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.min.js", b"var x=1;\n//# sourceMappingURL=x.min.js.map"),
        ("x.min.css", b"a{color:red}\n/*# sourceMappingURL=x.min.css.map */"),
    ],
)
def test_a_vendored_file_that_names_a_missing_source_map_is_served_as_it_is(storage, name, content):
    collect(storage, {name: content})
    with storage.open(storage.stored_name(name)) as file:
        assert file.read() == content


def test_a_missing_file_still_stops_the_collection(storage):
    with pytest.raises(ValueError, match=r"missing\.svg"):
        collect(storage, {"a.css": b"body{background:url(missing.svg)}"})
