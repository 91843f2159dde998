import pytest

from complaints.evidence.file_types import HEAD_BYTES, M4A, MP3, file_type
from tests.complaints import samples


@pytest.mark.parametrize("name", samples.TAKEN)
def test_a_kind_that_we_take_is_known_by_its_content(name):
    content, type_, content_type = samples.TAKEN[name]
    found = file_type(content[:HEAD_BYTES])
    assert (found.type, found.content_type) == (type_, content_type)


@pytest.mark.parametrize("name", samples.REFUSED)
def test_everything_else_is_unknown(name):
    assert file_type(samples.REFUSED[name][:HEAD_BYTES]) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"RIFF", b"OggS", b"\0\0\0\x18ftyp", b"ID3", b"\x1a\x45\xdf\xa3"])
def test_the_beginning_of_a_beginning_is_unknown(content):
    assert file_type(content) is None


def test_every_sample_cut_short_or_garbled_is_judged_without_an_error():
    for content, _type, _content_type in samples.TAKEN.values():
        for length in range(80):
            file_type(content[:length])
            file_type(content[:length] + b"\xff" * 64)


@pytest.mark.parametrize(
    ("header", "length"),
    [(b"\xff\xfb\x90\x64", 417), (b"\xff\xfb\x92\x64", 418), (b"\xff\xf3\x40\xc4", 104), (b"\xff\xe3\x18\xc4", 72)],
)
def test_a_sound_without_a_tag_is_followed_to_its_second_frame(header, length):
    frame = header + b"\0" * (length - 4)
    assert file_type(frame * 2) is MP3
    assert file_type(frame + b"\0" + frame) is None


def test_a_sound_in_apples_wrapping_is_a_sound():
    assert file_type(samples.iso_media(b"M4B ", b"M4A ")) is M4A
