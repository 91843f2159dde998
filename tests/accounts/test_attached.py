from accounts.attached import Attached


class Case:
    pass


READ = Attached[list[int]]("_read")
FOUND = Attached[str | None]("_found")


def test_what_was_attached_is_given_to_that_instance_alone():
    one, other = Case(), Case()
    assert READ.set(one, [1]) == [1]
    assert (READ.of(one), READ.of(other)) == ([1], None)
    assert one._read == [1]


def test_none_that_was_attached_is_told_from_nothing():
    case = Case()
    assert not FOUND.is_on(case)
    FOUND.set(case, None)
    assert FOUND.is_on(case)
    assert FOUND.of(case) is None
