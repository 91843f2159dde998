import contextlib
import gzip
import io
import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Team
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.importing import mapping, run
from complaints.models import Complaint, Message
from complaints.search import find, index
from complaints.search.find import (
    LONGEST_QUERY,
    MOST_FOUND,
    NotSearchable,
    has_hit,
    matching,
    newest,
    pieces,
    query_of,
    rank_of,
    said_in,
)
from complaints.search.tokens import PHONE_PART, SHORTEST_PREFIX, normal, runs
from complaints.steps import lifecycle, verification
from tests.cases import assignment_data, at_stage, logged

REAL = Path(__file__).parents[4] / "shared" / "data"


def found(text) -> set[str]:
    return set(matching(Complaint.objects.all(), query_of(text)).values_list("reference", flat=True))


@pytest.fixture
def leak(cast, at):
    narrative = "2号油枪漏油，车牌陕A·8K417，序列号 SN-2033-X77。The invoice never arrived."
    return logged(cast, at, narrative=narrative, name="王建国", phone="139 0000 4417", email="wang@customer.example")


@pytest.mark.parametrize(
    "typed",
    [
        "漏油", "漏", "油枪漏油", "号油枪", "invo", "INVOICE", "invoice 漏油", "4417", "13900004417", "139 0000 4417",
        "陕A8K417", "陕A·8K417", "8K417", "SN-2033", "2033-X77", "sn2033x77", "王建国", "建国", "wang",
        "C-2026-000001", "c2026000001", "2026-000001", "000001", "ＩＮＶＯＩＣＥ", "04417", "390000",
        "+86 139-0000-4417", "+86 13900004417",
    ],
)  # fmt: skip
def test_a_complaint_is_found_by_any_word_in_it(leak, cast, at, typed):
    logged(cast, at, narrative="Something else entirely", name="Du", phone="13911112222", email="")
    assert found(typed) == {leak.reference}


@pytest.mark.parametrize(
    "typed", ["Müller", "muller", "Mueller", "MULLER", "jorg", "Joerg Müller", "态度", "態度", "恶劣"]
)
def test_a_name_and_a_word_are_found_however_their_signs_are_written(cast, at, typed):
    hit = logged(cast, at, narrative="店員態度惡劣", name="Jörg Müller", phone="", email="", wishes_no_contact=True)
    logged(cast, at, narrative="态势", name="Jurg Miller", phone="", email="", wishes_no_contact=True)
    assert found(typed) == {hit.reference}


def test_a_name_spelled_without_marks_is_found_by_the_name_with_them(cast, at):
    hits = {
        logged(cast, at, name=name, phone="", email="", wishes_no_contact=True).reference
        for name in ("Mueller", "Muller", "Müller")
    }
    assert found("Müller") == hits


@pytest.mark.parametrize("typed", ["008613900004417", "0086 139 0000 4417", "+8613900004417", "86 139 0000 4417"])
def test_a_number_is_found_with_its_country(leak, typed):
    assert found(typed) == {leak.reference}


@pytest.mark.parametrize("typed", ["C 2026 000001", "c2026 1", "C-2026-1", "2026-1", "2026 000001"])
def test_a_reference_is_found_with_spaces_and_without_zeros(leak, cast, at, typed):
    logged(cast, at)
    assert found(typed) == {leak.reference}


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Herr Müller war da", "muller", ["Müller"]),
        ("Herr Müller war da", "Müller", ["Müller"]),
        ("店員態度惡劣", "态度", ["態度"]),
        ("Die Straße und Herr Müller", "müller", ["Müller"]),
        ("ﬁve litres at Łódź", "lodz", ["Łódź"]),
    ],
)
def test_a_hit_is_marked_as_it_stands_in_the_text(text, typed, marked):
    found_pieces = pieces(text, query_of(typed))
    assert [piece.text for piece in found_pieces if piece.hit] == marked
    assert "".join(piece.text for piece in found_pieces) == text


@pytest.mark.parametrize("typed", ["油漏", "nvoice", "漏油 refund", "王国", "417", "C", "2026", "SN-2034"])
def test_what_does_not_stand_in_it_is_not_found(leak, typed):
    assert found(typed) == set()


def test_words_of_every_message_and_note_and_of_our_restatement_are_found(leak, cast, at):
    handler = Actor.staff(cast.handler)
    messages.say(leak.pk, kind="internal", body="铅封完好", actor=handler, at=at)
    messages.say(leak.pk, kind="public", body="We measured pump seven", actor=handler, at=at)
    messages.customer_says(leak.pk, body="谢谢，明天见", at=at)
    verification.save_progress(leak.pk, actor=handler, at=at, data={"restatement": "挂枪后滴漏"})
    for typed in ("铅封", "measured", "明天", "滴漏", "铅封 明天 invoice"):
        assert found(typed) == {leak.reference}


def test_the_customer_and_the_reference_rank_before_a_mention(cast, at):
    mention = logged(cast, at, narrative="Mr Baker told me to complain", name="Du", phone="13911112222", email="")
    named = logged(cast, at, narrative="Rude", name="Baker", phone="13911113333", email="")
    for _ in range(3):
        logged(cast, at, narrative="baker " * 3, name="Du", phone="13911112222", email="")
    query = query_of("baker")
    order = list(matching(Complaint.objects.annotate(rank=rank_of(query)), query).order_by("-rank"))
    assert order[0] == named
    assert mention in order


def newest_for(person, text: str) -> list[int]:
    query = query_of(text)
    return newest(matching(Complaint.objects.visible_to(person), query, person))


def test_filters_and_visibility_apply(leak, cast):
    assert not matching(Complaint.objects.visible_to(cast.stranger), query_of("漏油")).exists()
    assert newest_for(cast.stranger, "漏油") == []
    assert matching(Complaint.objects.visible_to(cast.handler), query_of("漏油")).exists()


@pytest.mark.parametrize("typed", ["%", "'", "\\", "😀", "??", "x" * (LONGEST_QUERY + 1)])
def test_what_cannot_be_searched_for_gets_a_clear_answer(db, typed):
    with pytest.raises(NotSearchable) as refused:
        query_of(typed)
    assert str(refused.value)


@pytest.mark.parametrize("typed", ["a'b", "a\\b", "a:*b", "a & !b", "漏油'); DROP", "<->", "a" * 200])
def test_no_text_breaks_the_query(db, typed):
    try:
        found(typed)
    except NotSearchable:
        assert typed == "<->"


def test_hits_are_marked_and_nothing_else_is_changed():
    text = "x" * 200 + "2号油枪漏油 <b>Invoice</b>"
    shown = pieces(text, query_of("漏油 invoice"))
    assert [piece.text for piece in shown if piece.hit] == ["漏油", "Invoice"]
    assert shown[0].text == "…"
    assert "".join(piece.text for piece in shown).endswith("油枪漏油 <b>Invoice</b>")
    assert has_hit(text, query_of("漏油"))
    assert not has_hit(text, query_of("发票"))
    assert "".join(piece.text for piece in pieces("short", query_of("发票"))) == "short"


@pytest.fixture(params=["one block", "a block each"])
def blocks(request, monkeypatch):
    """All complaints in the newest block, as in every test; or each in one of its own, the oldest behind all steps."""
    if request.param == "a block each":
        monkeypatch.setattr(find, "BLOCKS", (1, 1))
        for module in (find, index):
            monkeypatch.setattr(module, "BLOCK", 1)


@pytest.mark.parametrize("few", [find.FEW_TEAMS, -1])
@pytest.mark.parametrize("person", ["frontline", "handler", "supervisor", "director", "auditor", "technician"])
def test_everybody_finds_what_they_may_see_and_nothing_else(blocks, cast, at, monkeypatch, person, few):
    """People of few teams are searched for by their marks, others for everything: the answer is the same."""
    monkeypatch.setattr(find, "FEW_TEAMS", few)
    logged(cast, at, narrative="2号油枪漏油")
    logged(cast, at, narrative="漏油", team=cast.service, site=cast.weiyang)
    logged(cast, at, narrative="漏油", team=cast.qujiang, site=cast.qujiang, named_people=[cast.director])
    logged(cast, at, narrative="The invoice is wrong")
    logged(cast, at, narrative="又漏油了")
    person = getattr(cast, person)
    visible, query = Complaint.objects.visible_to(person), query_of("漏油")
    assert newest_for(person, "漏油") == [c.pk for c in matching(visible, query).order_by("-id")]


def test_who_works_on_a_case_finds_it_as_soon_as_it_is_theirs(cast, at):
    """Assigned to another department, then to another again: whose it is follows."""
    complaint = at_stage(cast, "verified", at, narrative="漏油")
    data = assignment_data(cast) | {"team": cast.service, "handler": cast.technician}

    supervisor = Actor.staff(cast.supervisor)
    lifecycle.perform(complaint.pk, "assign", actor=supervisor, at=at, data=data)
    assert newest_for(cast.technician, "漏油") == [complaint.pk]
    data = {"team": cast.weiyang, "handler": cast.neighbour, "reason": "Closer"}
    lifecycle.perform(complaint.pk, "reassign", actor=Actor.staff(cast.director), at=at, data=data)
    assert newest_for(cast.neighbour, "漏油") == [complaint.pk]
    assert newest_for(cast.technician, "漏油") == []


@pytest.mark.parametrize("few", [find.FEW_TEAMS, -1])
def test_of_very_common_words_the_newest_are_found_and_one_more_says_so(blocks, cast, at, monkeypatch, few):
    monkeypatch.setattr(find, "MOST_FOUND", 2)
    monkeypatch.setattr(find, "FEW_TEAMS", few)
    complaints = [logged(cast, at, narrative="漏油") for _number in range(5)]
    assert newest_for(cast.handler, "漏油") == [complaint.pk for complaint in complaints[:1:-1]]
    assert MOST_FOUND > 100


def test_a_search_finds_what_is_older_than_every_step(blocks, cast, at):
    """The newest blocks first, then further ones, and at last all that are left: recall is whole."""
    complaints = [logged(cast, at, narrative="漏油") for _number in range(6)]
    logged(cast, at, narrative="The invoice is wrong")
    assert newest_for(cast.handler, "漏油") == [complaint.pk for complaint in complaints[::-1]]


@pytest.mark.parametrize("typed", ["@t1", "@p1", "@b0", "@"])
def test_nobody_can_search_for_the_marks_of_teams_people_and_blocks(leak, cast, typed):
    mark = typed.replace("1", str(cast.hexi.pk if "t" in typed else cast.frontline.pk))
    with contextlib.suppress(NotSearchable):
        assert found(mark) == set()


def test_a_snippet_begins_with_a_whole_word():
    shown = "".join(
        piece.text for piece in pieces("the attendant was rude and refused an invoice", query_of("invoice"))
    )
    assert shown == "…was rude and refused an invoice"


def test_words_are_marked_where_they_begin():
    marked = [piece.text for piece in pieces("An oil spoil; Oil!", query_of("oil")) if piece.hit]
    assert marked == ["oil", "Oil"]


def test_the_message_that_holds_a_word_is_found_for_showing(leak, cast, at):
    for body in ("Nothing here", "铅封完好", "铅封仍完好"):
        messages.say(leak.pk, kind="internal", body=body, actor=Actor.staff(cast.handler), at=at)
    assert said_in([leak], query_of("铅封")) == {leak.pk: "铅封完好"}


def is_short(word: str) -> bool:
    return len(word) < (PHONE_PART if word.isdigit() else SHORTEST_PREFIX)


def brute_force(words: list[str], texts: dict[str, list[str]]) -> set[str]:
    """The cases that hold every word: Chinese anywhere, others at the beginning of a word, short ones whole."""

    def holds(text, word):
        if ord(word[0]) > 0x2E80:
            return word in text
        ends = r"(?![^\W_])" if is_short(word) else ""
        return re.search(rf"(?<![^\W_]){re.escape(word)}{ends}", text) is not None

    return {ref for ref, parts in texts.items() if all(any(holds(part, word) for part in parts) for word in words)}


@pytest.mark.slow
@pytest.mark.django_db
def test_on_real_complaints_every_case_that_holds_the_words_is_found(tmp_path):
    """Recall 1.0 against a scan: 300 queries cut from the texts themselves, of one to five characters or words."""
    source = REAL / "zh_complaints.csv.gz"
    if not source.exists():
        pytest.skip("zh_complaints.csv.gz is not beside this checkout (shared/data)")
    company = Team.objects.create(name="Jinghe Energy", kind="company")
    part = tmp_path / "part.csv"
    with gzip.open(source) as packed, io.TextIOWrapper(packed, encoding="utf-8") as text:
        part.write_text(text.read(1_000_000), encoding="utf-8")
    lines = part.read_text(encoding="utf-8")
    part.write_text(lines[: lines.rindex("\n附件")], encoding="utf-8")
    now = datetime(2026, 11, 21, tzinfo=UTC)
    run.run(part, mapping.load("zh_complaints"), team=company, at=now, rejects=tmp_path / "rejected.csv")
    with connection.cursor() as cursor:
        # As autovacuum would: PostgreSQL may have counted the tables while they were empty.
        cursor.execute("ANALYZE complaints_complaint, complaints_searchdocument")
    texts: dict[str, list[str]] = {
        c.reference: [normal(t) for t in (c.subject, c.narrative, c.customer.name)]
        for c in Complaint.objects.select_related("customer")
    }
    for message in Message.objects.select_related("complaint"):
        texts[message.complaint.reference].append(normal(message.body))
    assert len(texts) > 200
    dice = random.Random(20261121)
    references = sorted(texts)
    missed, hits, exact = [], 0, 0
    for _ in range(300):
        pool = list(runs(dice.choice(texts[dice.choice(references)])))
        if not pool:
            continue
        words = []
        for run_text, chinese in dice.sample(pool, min(len(pool), dice.choice([1, 1, 1, 2]))):
            length = dice.choice([1, 2, 2, 3, 4, 5])
            if not chinese and is_short(run_text[:length]):
                # What is too short to be a beginning is searched for as it stands.
                length = len(run_text)
            begin = dice.randrange(max(1, len(run_text) - length + 1)) if chinese else 0
            words.append(run_text[begin : begin + length])
        truth = brute_force(words, texts)
        got = found(" ".join(words))
        missed += [(words, truth - got)] if truth - got else []
        hits += len(truth)
        exact += len(got & truth) / len(got) if got else 1
    assert hits > 200
    assert missed == []
