import pytest

from accounts.models import Person
from complaints.models import Category, SavedView
from complaints.queue import saved_views
from tests.cases import logged
from tests.flat import flat

VIEWS = "/queue/views/"
DANGER = "view=all&sort=promise&severity=danger"


@pytest.fixture
def desk(client, cast):
    """The client of the handler of hexi."""
    client.force_login(cast.handler)
    return client


def post(client, address=VIEWS, **typed):
    return client.post(address, {"name": "Danger", "query": DANGER, "shared_with": ""} | typed)


def shared(cast, at, *, query=DANGER) -> SavedView:
    """A view that a colleague shares with hexi."""
    return saved_views.save(cast.colleague, name="Theirs", query=query, team_id=cast.hexi.pk, at=at)


def own(cast, at, *, query=DANGER, name="Mine") -> SavedView:
    return saved_views.save(cast.handler, name=name, query=query, team_id=None, at=at)


def notes(response) -> list[str]:
    return response.context["notes"]


def test_what_is_shown_is_saved_and_opened_again_by_its_name(desk, cast, at):
    danger, other = logged(cast, at, severity="danger"), logged(cast, at)
    response = post(desk, query="?severity=danger&view=all&after=promise.1.2&page=7")
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.query, view.shared_with) == ("Danger", cast.handler, DANGER, None)
    assert response.headers["Location"] == f"/queue/?{DANGER}&saved={view.pk}"
    page = desk.get(response.headers["Location"]).content.decode()
    assert "Saved as “Danger”." in page
    assert danger.reference in page
    assert other.reference not in page
    assert 'aria-current="true"><span><bdi>Danger</bdi>' in flat(page)
    assert "Save this view" not in page


def test_a_view_is_shared_with_a_team_and_says_who_shares_it(desk, cast, client):
    post(desk, shared_with=cast.hexi.pk)
    assert "Shared with Hexi Road station" in desk.get("/queue/").content.decode()
    client.force_login(cast.colleague)
    page = client.get("/queue/").content.decode()
    assert "<bdi>Danger</bdi>" in page
    assert "Shared by Li Min" in page


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": " \u200b "}, "This field is required."),
        ({"name": "x" * 61}, "At most 60 characters"),
        ({"name": "Mine"}, "You have a view of this name already."),
        ({"shared_with": "999999"}, "This is not offered, or not any more."),
        ({"shared_with": "west"}, "This is not offered, or not any more."),
    ],
)
def test_what_cannot_be_saved_comes_back_with_what_was_typed(desk, cast, at, typed, error):
    own(cast, at)
    response = post(desk, **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert error in page
    assert 'name="query" value="view=all&amp;sort=promise&amp;severity=danger"' in page
    assert typed.get("name", "Danger").strip(" \u200b") in page
    assert SavedView.objects.count() == 1


def test_a_team_out_of_reach_is_no_choice(desk, cast):
    assert post(desk, shared_with=cast.weiyang.pk).status_code == 422
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("query", ["", "?", "view=gone&sort=price&site=999", "%", "a=%FF", "&&&===", "q=🙂", "q='\\"])
def test_an_address_that_makes_no_sense_is_saved_as_what_it_showed(desk, query):
    assert post(desk, query=query).status_code == 302
    view = SavedView.objects.get()
    assert view.query.startswith("view=")
    assert "gone" not in view.query
    assert "999" not in view.query
    assert desk.get(f"/queue/{view.address}").status_code == 200


def test_a_view_of_what_no_longer_exists_opens_without_it_and_says_so(desk, cast, at):
    category = Category.objects.create(name="Old")
    complaint = logged(cast, at)
    gone = f"view=gone&sort=price&category={category.pk}&handler={cast.stranger.pk}&colour=red"
    view = own(cast, at, query=f"{gone}&site={cast.hexi.pk}&site=999")
    category.delete()
    response = desk.get(f"/queue/{view.address}")
    page = response.content.decode()
    assert response.status_code == 200
    assert len(notes(response)) == 6
    for words in [
        "“Category” was left out",
        "A part of the filter “Site”",
        "“Handler” was left out",
        "asks for colour",
    ]:
        assert words in " ".join(notes(response))
    assert "no view or order of that name" in page
    assert "Update “Mine”" in page
    assert complaint.reference not in page, "it is nobody's work yet, and that is the usual view"


def test_a_view_that_is_gone_or_not_ones_own_to_see_is_said_and_the_filters_stay(desk, cast, at):
    theirs = saved_views.save(cast.colleague, name="Secret", query=DANGER, team_id=None, at=at)
    for gone in (theirs.pk, 999999, "x", "-1", "1e3"):
        response = desk.get(f"/queue/?{DANGER}&saved={gone}")
        assert "no longer shared with you" in notes(response)[0]
        assert "Secret" not in response.content.decode()
        assert [chip.text for chip in response.context["chips"]] == ["Severity: Danger"]


def test_once_something_else_is_shown_ones_own_view_can_take_it_over(desk, cast, at):
    view = own(cast, at)
    changed = f"/queue/?view=mine&severity=danger&saved={view.pk}"
    assert "Update “Mine”" in desk.get(changed).content.decode()
    response = post(desk, f"{VIEWS}{view.pk}/replace/", query="view=mine&severity=danger&saved=1")
    view.refresh_from_db()
    assert view.query == "view=mine&sort=promise&severity=danger"
    assert response.headers["Location"] == f"/queue/{view.address}"
    assert "Update “Mine”" not in desk.get(changed).content.decode()


def test_a_shared_view_that_shows_something_else_can_be_saved_as_ones_own(desk, cast, at):
    view = shared(cast, at)
    page = desk.get(f"/queue/?view=mine&saved={view.pk}").content.decode()
    assert "Update “Theirs”" not in page
    assert "Save as a new view" in page


def test_too_much_for_an_address_is_refused_where_one_can_see_it(desk, cast, at, monkeypatch):
    view = own(cast, at)
    monkeypatch.setattr(saved_views, "LONGEST_QUERY", 10)
    response = post(desk, f"{VIEWS}{view.pk}/replace/", query="view=mine")
    assert response.status_code == 422
    assert "There are too many filters for one view." in response.content.decode()


def test_one_renames_and_shares_ones_own_on_its_page(desk, cast, at):
    view = own(cast, at)
    page = desk.get(f"{VIEWS}{view.pk}/").content.decode()
    assert "Severity: Danger" in page
    assert 'value="Mine"' in page
    response = post(desk, f"{VIEWS}{view.pk}/", name=" Danger\tat hexi ", shared_with=cast.hexi.pk)
    view.refresh_from_db()
    assert (view.name, view.shared_with, view.query) == ("Danger at hexi", cast.hexi, DANGER)
    assert response.headers["Location"] == f"/queue/{view.address}"
    assert post(desk, f"{VIEWS}{view.pk}/", name="").status_code == 422
    own(cast, at, name="Other")
    assert post(desk, f"{VIEWS}{view.pk}/", name="Other").status_code == 422


def test_deleting_it_leads_to_what_it_showed(desk, cast, at):
    view = own(cast, at)
    response = desk.post(f"{VIEWS}{view.pk}/delete/")
    assert response.headers["Location"] == f"/queue/?{DANGER}"
    assert not SavedView.objects.exists()
    assert desk.post(f"{VIEWS}{view.pk}/delete/").status_code == 404


def test_a_view_deleted_meanwhile_is_not_found(desk, cast, at):
    view = own(cast, at)
    view.delete()
    for address in ("", "replace/", "delete/"):
        assert post(desk, f"{VIEWS}999999/{address}").status_code == 404


@pytest.mark.parametrize("address", ["", "replace/", "delete/"])
def test_the_view_of_somebody_else_is_403_where_it_is_shared_and_else_404(desk, cast, at, address):
    theirs = shared(cast, at)
    secret = saved_views.save(cast.colleague, name="Secret", query=DANGER, team_id=None, at=at)
    assert post(desk, f"{VIEWS}{theirs.pk}/{address}").status_code == 403
    assert post(desk, f"{VIEWS}{secret.pk}/{address}").status_code == 404
    assert set(SavedView.objects.values_list("name", flat=True)) == {"Theirs", "Secret"}


def test_looking_changes_nothing(desk, cast, at):
    view = own(cast, at)
    assert desk.get(VIEWS).headers["Location"] == "/queue/"
    assert desk.get(f"{VIEWS}{view.pk}/").status_code == 200
    for address in ("replace/", "delete/"):
        assert desk.get(f"{VIEWS}{view.pk}/{address}").status_code == 405
    assert SavedView.objects.get() == view


def test_who_sees_no_complaints_is_not_asked_to_save_anything(client, cast):
    client.force_login(cast.administrator)
    page = client.get("/queue/").content.decode()
    assert "Save this view" not in page
    assert "Saved views" not in page


def test_an_auditor_saves_for_oneself_and_is_not_asked_with_whom(client, cast):
    client.force_login(cast.auditor)
    assert 'name="shared_with"' not in client.get("/queue/").content.decode()
    assert post(client).status_code == 302


def test_names_are_shown_as_text(desk, cast, at):
    own(cast, at, name="<b>Bold</b>")
    page = desk.get("/queue/").content.decode()
    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold" in page


@pytest.mark.parametrize("views", [1, 3, 20])
def test_the_page_costs_the_same_queries_for_any_number_of_views(desk, cast, at, views, django_assert_num_queries):
    logged(cast, at)
    for number in range(views):
        own(cast, at, name=f"Own {number}")
    shared(cast, at)
    desk.get("/queue/")
    with django_assert_num_queries(7):  # session, person, roles, filter choices, rows, counts, saved views
        page = desk.get("/queue/").content.decode()
    assert page.count("<bdi>") == views + 1


def test_the_live_part_reads_no_saved_views(desk, cast, at, django_assert_num_queries):
    own(cast, at)
    with django_assert_num_queries(6):
        desk.get("/queue/", headers={"HX-Request": "true"})


def test_a_persons_views_go_with_the_person(cast, at):
    own(cast, at)
    Person.objects.filter(pk=cast.handler.pk).delete()
    assert not SavedView.objects.exists()
