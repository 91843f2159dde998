import pytest

from accounts.models import Membership
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted
from complaints.models import SavedView
from complaints.queue import address, saved_views
from tests.cast import build_cast, person
from tests.together import Meeting, at_once


@pytest.fixture
def save(at):
    """save(person, "Danger", team) → the view, stored."""

    def save(who, name="Danger", team=None, query="view=all&sort=promise&severity=danger"):
        return saved_views.save(who, name=name, query=query, team_id=team and team.pk, at=at)

    return save


def seen(who) -> list[str]:
    return [view.name for view in saved_views.visible_to(who)]


def refused(call) -> str:
    with pytest.raises(GateRefused) as caught:
        call()
    [missing] = caught.value.missing
    return f"{missing.field}: {missing.message}"


def test_a_view_is_ones_own_until_it_is_shared(cast, save):
    save(cast.handler)
    assert seen(cast.handler) == ["Danger"]
    assert seen(cast.colleague) == seen(cast.supervisor) == seen(cast.director) == []


def test_a_shared_view_is_seen_by_the_team_and_those_below_and_nobody_else(cast, save):
    save(cast.supervisor, "West", cast.west)
    for who in (cast.handler, cast.frontline, cast.neighbour, cast.auditor, cast.supervisor):
        assert seen(who) == ["West"], who
    for who in (cast.stranger, cast.technician, cast.director, cast.administrator, cast.reviewer):
        assert seen(who) == [], who


def test_whoever_loses_the_role_no_longer_sees_it(cast, save):
    save(cast.handler, "Hexi", cast.hexi)
    assert seen(cast.colleague) == ["Hexi"]
    Membership.objects.filter(person=cast.colleague).delete()
    assert seen(cast.colleague) == []


def test_what_somebody_shared_goes_with_their_account(cast, save):
    save(cast.handler, "Hexi", cast.hexi)
    cast.handler.is_active = False
    cast.handler.save(update_fields=["is_active"])
    assert seen(cast.colleague) == []


def test_two_roles_in_a_team_show_a_view_once(cast, save):
    both = person("two.roles", ("handler", cast.hexi), ("frontline", cast.hexi))
    save(cast.handler, "Hexi", cast.hexi)
    assert seen(both) == ["Hexi"]


@pytest.mark.parametrize(
    ("who", "team", "may"),
    [
        ("handler", "hexi", True),
        ("frontline", "hexi", True),
        ("handler", "weiyang", False),
        ("handler", "west", False),
        ("supervisor", "west", True),
        ("supervisor", "weiyang", True),
        ("supervisor", "company", False),
        ("supervisor", "qujiang", False),
        ("director", "qujiang", True),
        ("auditor", "west", False),
        ("reviewer", "company", False),
        ("administrator", "company", False),
    ],
)
def test_one_shares_with_the_teams_one_works_in_and_supervises(cast, save, who, team, may):
    team = getattr(cast, team)
    if may:
        assert save(getattr(cast, who), team=team).shared_with == team
    else:
        with pytest.raises(NotPermitted):
            save(getattr(cast, who), team=team)
        assert not SavedView.objects.exists()


def test_a_name_stands_once_in_the_list_of_each_person(cast, save):
    save(cast.handler)
    save(cast.colleague)
    assert refused(lambda: save(cast.handler)) == "name: You have a view of this name already."
    assert SavedView.objects.count() == 2


def test_a_person_has_so_many_views_and_no_more(cast, save, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_OWN", 2)
    save(cast.handler, "1")
    save(cast.handler, "2")
    assert refused(lambda: save(cast.handler, "3")) == "name: You have 2 views already. Delete one first."
    save(cast.colleague, "3")


def test_a_team_has_so_many_shared_views_and_no_more(cast, save, at, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_SHARED", 1)
    first = save(cast.handler, "1", cast.hexi)
    assert refused(lambda: save(cast.colleague, "2", cast.hexi)).startswith("shared_with: This team has 1 ")
    saved_views.rename(first, person=cast.handler, name="Another", team_id=cast.hexi.pk, at=at)
    save(cast.neighbour, "2", cast.weiyang)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_share_the_last_free_place_of_a_team_at_once_do_not_both_get_it(at, monkeypatch):
    cast = build_cast()
    monkeypatch.setattr(saved_views, "MOST_SHARED", 1)
    monkeypatch.setattr(SavedView, "save_base", Meeting().before(SavedView.save_base))

    def share(who):
        return saved_views.save(who, name="Danger", query="view=all", team_id=cast.hexi.pk, at=at)

    outcomes = at_once(lambda: share(cast.handler), lambda: share(cast.colleague))
    assert {type(outcome) for outcome in outcomes} == {SavedView, GateRefused}
    assert SavedView.objects.filter(shared_with=cast.hexi).count() == 1


def test_a_query_that_no_address_could_hold_is_refused(cast, save):
    assert refused(lambda: save(cast.handler, query="q=" + "x" * 3000)).startswith(": There are too many filters")
    assert save(cast.handler, query="q=" + "x" * 2998).pk


def test_one_renames_shares_and_unshares_ones_own(cast, save, at):
    view = save(cast.handler)
    saved_views.rename(view, person=cast.handler, name="Hexi", team_id=cast.hexi.pk, at=at)
    assert seen(cast.colleague) == ["Hexi"]
    saved_views.rename(view, person=cast.handler, name="Hexi", team_id=None, at=at)
    assert seen(cast.colleague) == []
    assert seen(cast.handler) == ["Hexi"]


def test_a_view_can_show_something_else(cast, save, at):
    view = save(cast.handler, team=cast.hexi)
    saved_views.replace(view, person=cast.handler, query="view=mine&sort=newest", at=at)
    stored = SavedView.objects.get()
    assert (stored.query, stored.name, stored.shared_with) == ("view=mine&sort=newest", "Danger", cast.hexi)


def test_who_lost_the_team_keeps_the_view_but_cannot_share_it_anew(cast, save, at):
    view = save(cast.handler, team=cast.hexi)
    Membership.objects.filter(person=cast.handler).update(team=cast.weiyang)
    view = saved_views.visible_to(cast.handler).get(pk=view.pk)
    saved_views.rename(view, person=cast.handler, name="Mine", team_id=None, at=at)
    with pytest.raises(NotPermitted):
        saved_views.rename(view, person=cast.handler, name="Mine", team_id=cast.hexi.pk, at=at)


def test_nobody_changes_or_deletes_the_view_of_somebody_else(cast, save, at):
    view = save(cast.handler, team=cast.hexi)
    for who in (cast.colleague, cast.supervisor, cast.administrator):
        with pytest.raises(NotPermitted):
            saved_views.rename(view, person=who, name="Stolen", team_id=None, at=at)
        with pytest.raises(NotPermitted):
            saved_views.replace(view, person=who, query="", at=at)
        with pytest.raises(NotPermitted):
            saved_views.delete(view, person=who)
    assert SavedView.objects.get().name == "Danger"


def test_a_view_deleted_in_another_window_is_not_brought_back(cast, save, at):
    view = save(cast.handler)
    SavedView.objects.all().delete()
    with pytest.raises(NotAllowedNow):
        saved_views.rename(view, person=cast.handler, name="Again", team_id=None, at=at)
    assert not SavedView.objects.exists()


def test_deleting_keeps_nothing(cast, save):
    view = save(cast.handler)
    saved_views.delete(view, person=cast.handler)
    assert not SavedView.objects.exists()


def test_the_menu_knows_which_view_is_shown_and_whether_it_shows_something_else(
    cast, save, rf, django_assert_num_queries
):
    own, theirs = save(cast.handler), save(cast.colleague, "Theirs", cast.hexi)

    def menu(query, chosen=""):
        return saved_views.menu(cast.handler, address.read(rf.get(f"/?{query}").GET, cast.handler), chosen)

    found = menu(own.query, str(own.pk))
    assert (found.own, found.shared, found.current, found.changed, found.is_own) == ([own], [theirs], own, False, True)
    assert menu("view=mine", str(own.pk)).changed
    assert not menu(theirs.query, str(theirs.pk)).is_own
    assert menu("").current is None
    asked = address.read(rf.get("/").GET, cast.handler)
    with django_assert_num_queries(1):
        found = saved_views.menu(cast.handler, asked, "")
        assert [view.owner.label for view in found.shared] == ["Sun Yue"]


def test_what_a_view_asks_for_and_no_filter_knows_any_more_is_named(cast, save, rf):
    view = save(cast.handler, "Old", query="view=all&sort=promise&colour=red&mood=")
    asked = address.read(rf.get("/" + view.address).GET, cast.handler)
    [note] = saved_views.menu(cast.handler, asked, str(view.pk)).notes
    assert note.startswith("“Old” also asks for colour")
