import pytest

from complaints.importing import mapping
from complaints.importing.errors import FileRefused

GOOD = {"columns": {"narrative": "Text", "received_at": "Date"}}


def test_both_shipped_mappings_load():
    assert mapping.shipped_names() == ["cfpb", "zh_complaints"]
    assert mapping.load("zh_complaints").columns["narrative"] == "留言详情"
    assert mapping.load("cfpb").narrative_from == ("Issue", "Sub-issue")


def test_a_mapping_of_ones_own_is_a_yaml_file(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("columns: {narrative: Text, received_at: Date}\nchannel: email\n")
    assert mapping.load(str(path)).channel == "email"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], '"columns:"'),
        ({"columns": {"narrative": "Text"}}, "received_at"),
        (GOOD | {"colour": "red"}, "colour"),
        ({"columns": GOOD["columns"] | {"status": "Status"}}, "status"),
        (GOOD | {"time_zone": "Mars/X"}, "Mars/X"),
        (GOOD | {"channel": "pigeon"}, "pigeon"),
        (GOOD | {"channels": {"Web": "pigeon"}}, "pigeon"),
        (GOOD | {"channels": {True: "web"}}, "in quotes"),
        (GOOD | {"columns": GOOD["columns"] | {"place": 2020}}, "in quotes"),
        (GOOD | {"keep": [1]}, '"keep:" must be a text or a list of texts'),
        (GOOD | {"key": None}, '"key:" must be'),
        (GOOD | {"names_are_accounts": "no"}, "true or false"),
        (GOOD | {"language": "fr"}, "fr"),
        (GOOD | {"dates": ["%Q"]}, "%Q"),
        (GOOD | {"encoding": "klingon"}, "klingon"),
        (GOOD | {"encoding": "hex"}, "hex"),
        (GOOD | {"delimiter": ";;"}, "delimiter"),
        (GOOD | {"delimiter": '"'}, "delimiter"),
    ],
)
def test_a_wrong_mapping_is_refused_naming_what_is_wrong(content, said):
    with pytest.raises(FileRefused) as refused:
        mapping.build(content, where="own.yaml")
    assert said in str(refused.value)
    assert "own.yaml" in str(refused.value)


def test_one_text_may_stand_where_several_can(tmp_path):
    how = mapping.build(GOOD | {"key": "Number", "dates": "%d.%m.%Y", "delimiter": "tab"}, where="folder/own.yaml")
    assert (how.key, how.dates, how.delimiter, how.name) == (("Number",), ("%d.%m.%Y",), "\t", "own")
    assert "Number" in how.needed_columns


@pytest.mark.parametrize("text", ["columns: [", "\x00"])
def test_a_broken_yaml_file_is_refused_in_words(tmp_path, text):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(FileRefused, match="cannot be read"):
        mapping.load(str(path))


def test_an_unknown_name_lists_the_shipped_ones():
    with pytest.raises(FileRefused, match="cfpb, zh_complaints"):
        mapping.load("no_such")
