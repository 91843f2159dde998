"""Films for the customer's page: what is seen and heard is untouched, what else they say is gone."""

import random
import struct

import pytest

from complaints.evidence import isomedia
from complaints.evidence.isomedia import NotUnderstood, blanks_of, without_places
from tests.complaints import samples


@pytest.fixture
def stored(tmp_path):
    """stored(bytes) → the path of a file with them."""

    def store(data: bytes):
        path = tmp_path / f"{random.getrandbits(64):x}"
        path.write_bytes(data)
        return path

    return store


def read(path) -> bytes:
    file = without_places(path)
    try:
        return file.read()
    finally:
        file.close()


@pytest.mark.parametrize("major", [b"qt  ", b"mp42", b"3gp5", b"M4A "])
def test_the_place_is_gone_and_the_picture_is_as_it_was(stored, major):
    data, picture = samples.film(major)
    assert data.count(samples.PLACE) == 12
    shown = read(stored(data))
    assert samples.PLACE not in shown
    assert b"GPS" not in shown
    assert b"location" not in shown
    assert picture in shown
    assert len(shown) == len(data)
    assert shown.index(picture) == data.index(picture)


def test_what_is_left_is_a_film_with_one_track(stored):
    shown = stored(read(stored(samples.film()[0])))
    # Looking again finds nothing but free space.
    assert read(shown) == shown.read_bytes()
    text = shown.read_bytes()
    assert text.count(b"trak") == 1
    assert text.count(b"moov") == text.count(b"mvhd") == text.count(b"stco") == 1


def test_every_part_of_it_is_the_same_part_of_the_whole(stored):
    """Players ask for parts, servers read in pieces."""
    path = stored(samples.film()[0])
    whole = read(path)
    for start in range(0, len(whole), 7):
        file = without_places(path)
        assert file.seek(start) == file.tell() == start
        assert file.read(11) + file.read(5) == whole[start : start + 16]
        file.close()


def test_a_film_without_a_word_too_many_is_served_as_it_is(stored):
    data = samples.iso_media(b"isom")
    assert blanks_of(stored(data)) == ()
    assert read(stored(data)) == data


BROKEN = {
    "longer than the file": struct.pack(">I4s", 5000, b"udta") + b"x" * 20,
    "shorter than its head": struct.pack(">I4s", 4, b"moov"),
    "a long box that ends before its head": struct.pack(">I4sQ", 1, b"moov", 3),
    "more samples than there is room for": samples.box(
        b"moov",
        samples.track(b"meta", [b"x"] * 4, 0).replace(struct.pack(">III", 0, 0, 4), struct.pack(">III", 0, 0, 2**31)),
    ),
    "fragments with a track of places": samples.box(b"moof", samples.box(b"mfhd", b"\0" * 8))
    + samples.box(b"moov", samples.track(b"meta", [b"x"] * 4, 0)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_that_is_not_built_as_films_are_is_not_understood(stored, what):
    with pytest.raises(NotUnderstood):
        blanks_of(stored(samples.box(b"ftyp", b"qt  \0\0\2\0") + BROKEN[what]))


def test_a_file_of_boxes_without_end_is_given_up(stored, monkeypatch):
    monkeypatch.setattr(isomedia, "MOST_BOXES", 50)
    with pytest.raises(NotUnderstood):
        blanks_of(stored(samples.box(b"free", b"") * 100))


def test_whatever_bytes_it_has_it_is_read_or_not_understood(stored):
    dice = random.Random(7)
    data = samples.film()[0]
    for _time in range(200):
        broken = bytearray(data)
        for _byte in range(3):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            assert len(read(stored(bytes(broken)))) == len(data)
        except NotUnderstood:
            continue
