import pytest
from django.utils import translation

from ui.ordering import order_key


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["anna", "Élise", "Emil", "zoe"]),
        ("en", ["Müller", "Mulligan"]),
        ("zh-hans", ["Anna", "陈静", "李敏", "王芳", "张伟", "周凯"]),
    ],
)
def test_names_stand_where_a_reader_looks_for_them(language, names):
    with translation.override(language):
        other_way = names[::-1]
        assert sorted(other_way, key=order_key) == names


def test_what_is_not_in_the_chinese_standard_is_sorted_all_the_same():
    with translation.override("zh-hans"):
        assert sorted(["𠮷田", "李敏", "\ud800"], key=order_key)[0] == "\ud800"
