"""Posters and cards: what stands on them, who may make them, and all of a region as one file by a worker."""

import uuid
from datetime import timedelta
from functools import partial
from itertools import repeat
from threading import Thread

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from accounts import site_codes
from accounts.models import Person, Team
from complaints.errors import NotAllowedNow, NotPermitted
from followups.models import PosterRun, PromisePolicy
from followups.posters import posters
from followups.posters.promised import length
from followups.tasks import work_poster_runs
from tests.flat import flat
from tests.papers import codes_of, pictures_of, sizes_of, texts_of

pytestmark = pytest.mark.django_db
PAGE = reverse("followups:posters")
LONG = "Northbound motorway service area and charging hub, gate seven"
LONG_ZH = (
    "京港澳高速公路泾禾段北行服务区加油加气充电综合能源站七号入口东侧停车"
    "场旁便利店与洗车房及司机之家休息室（二十四小时营业示范网点）"
)


def address_of(site: Team) -> str:
    return settings.BASE_URL + reverse("complaints:public_new_site", args=[site.site_code])


def made(cast, at, *, paper="a4", languages="both", site=None) -> bytes:
    return posters.of_site(site or cast.hexi, person=cast.supervisor, paper=paper, languages=languages, at=at)


def started(cast, at, *, key=None, **given) -> PosterRun:
    given = {
        "person": cast.director,
        "paper": "a6",
        "languages": "both",
        "submission_key": key or uuid.uuid4(),
    } | given
    return posters.start(given.pop("team", cast.west), **given, at=at)


class TestThePaper:
    @pytest.mark.parametrize("languages", ["both", "zh-hans", "en"])
    @pytest.mark.parametrize(("paper", "size"), [("a4", (210, 297)), ("a6", (105, 148)), ("strip", (72, None))])
    def test_its_code_leads_to_the_form_of_the_site(self, cast, at, paper, size, languages):
        pdf = made(cast, at, paper=paper, languages=languages)
        assert codes_of(pdf) == [[address_of(cast.hexi)]]
        (width, height) = sizes_of(pdf)[0]
        assert (width, size[1] and height) == size
        text = texts_of(pdf)[0].replace("\n", "")
        assert ("Hexi Road station" in text) is (languages != "zh-hans")
        assert ("河西路加油站" in text) is (languages != "en")
        # As people type it.
        assert address_of(cast.hexi).split("://")[1].rstrip("/") in text

    def test_its_times_are_the_policies_in_force(self, cast, at):
        text = texts_of(made(cast, at, languages="en"))[0]
        assert "1 hour\nsomebody answers (working hours)" in text
        assert "7 days\nyou hear the result and our offer" in text
        PromisePolicy.objects.filter(kind="resolution", severity="normal").update(minutes=3 * 24 * 60)
        PromisePolicy.objects.filter(kind="first_contact", severity="normal").update(minutes=90, clock="calendar")
        text = texts_of(made(cast, at, languages="en"))[0]
        assert "90 minutes\nsomebody answers\n" in text
        assert "3 days\nyou hear the result" in text
        assert "Somebody answers within 90 minutes" in texts_of(made(cast, at, paper="strip", languages="en"))[0]

    def test_what_no_policy_promises_is_not_on_it(self, cast, at):
        PromisePolicy.objects.filter(severity="normal").update(active=False)
        for paper in ("a4", "a6", "strip"):
            text = texts_of(made(cast, at, paper=paper, languages="en"))[0]
            assert "answers" not in text
            assert "hear the result" not in text
            assert codes_of(made(cast, at, paper=paper)) == [[address_of(cast.hexi)]]

    @pytest.mark.parametrize(
        ("minutes", "english", "chinese"),
        [(1, "1 minute", "1分钟"), (90, "90 minutes", "90分钟"), (60, "1 hour", "1小时"), (1440, "1 day", "1天"),
         (2880, "2 days", "2天"), (1500, "25 hours", "25小时"), (1441, "1441 minutes", "1441分钟")],
    )  # fmt: skip
    def test_a_length_is_never_rounded(self, minutes, english, chinese):
        with translation.override("en"):
            assert length(minutes) == english
        with translation.override("zh-hans"):
            assert length(minutes) == chinese

    def test_the_number_is_its_own_or_the_nearest_above(self, cast, at):
        Team.objects.filter(pk__in=(cast.company.pk, cast.hexi.pk)).update(phone="")
        Team.objects.filter(pk=cast.west.pk).update(phone="029-55", hours_text="Always", hours_text_zh="")
        text = texts_of(made(cast, at, languages="en"))[0]
        assert "029-55" in text
        assert "Always" in text

    def test_without_a_number_nothing_says_to_call(self, cast, at):
        Team.objects.update(phone="")
        for paper in ("a4", "a6", "strip"):
            pdf = made(cast, at, paper=paper, languages="en")
            assert "Or call" not in texts_of(pdf)[0]
            assert codes_of(pdf) == [[address_of(cast.hexi)]]

    @pytest.mark.parametrize("paper", ["a4", "a6", "strip"])
    def test_a_long_name_stays_on_the_page_whole(self, cast, at, paper):
        Team.objects.filter(pk=cast.hexi.pk).update(name=LONG, name_zh=LONG_ZH)
        pdf = made(cast, at, paper=paper, site=Team.objects.get(pk=cast.hexi.pk))
        text = texts_of(pdf)[0].replace("\n", "")
        assert LONG_ZH in text
        assert LONG.replace(" ", "") in text.replace(" ", "")
        # Nothing runs over the edge: the outermost two millimetres of the sides hold one colour in each row.
        picture = pictures_of(pdf, dots_per_inch=100)[0].convert("RGB")
        for x in (2, picture.width - 3):
            for y in range(0, picture.height, 3):
                assert picture.getpixel((x, y)) == picture.getpixel((0 if x == 2 else picture.width - 1, y))

    def test_names_with_what_turns_text_around_are_cleaned(self, cast, at):
        Team.objects.filter(pk=cast.hexi.pk).update(name="Hexi \u202e\x07Road 😀", name_zh="")
        assert "Hexi Road □" in texts_of(made(cast, at, site=Team.objects.get(pk=cast.hexi.pk)))[0]

    def test_a_renewed_code_is_on_the_next_poster(self, cast, at):
        old = address_of(cast.hexi)
        site_codes.renew(cast.hexi, by=cast.administrator)
        assert codes_of(made(cast, at)) == [[address_of(cast.hexi)]] != [[old]]


class TestWhoMayMakeThem:
    def test_a_closed_site_is_refused_in_words(self, cast, at):
        Team.objects.filter(pk=cast.hexi.pk).update(active=False)
        with pytest.raises(NotAllowedNow, match="Hexi Road station is closed"):
            made(cast, at, site=Team.objects.get(pk=cast.hexi.pk))

    def test_a_region_has_no_poster_of_its_own(self, cast, at):
        with pytest.raises(NotAllowedNow):
            posters.of_site(cast.west, person=cast.director, paper="a4", languages="en", at=at)

    def test_only_a_supervisor_of_the_site_or_above(self, cast, at):
        for who in ("handler", "frontline", "auditor", "administrator"):
            with pytest.raises(NotPermitted):
                posters.of_site(cast.hexi, person=getattr(cast, who), paper="a4", languages="en", at=at)
            with pytest.raises(NotPermitted):
                started(cast, at, person=getattr(cast, who))
        assert posters.of_site(cast.hexi, person=cast.director, paper="a4", languages="en", at=at)


class TestARegion:
    def test_one_file_with_a_page_for_each_open_site(self, cast, at):
        Team.objects.filter(pk=cast.weiyang.pk).update(active=False)
        run = started(cast, at, team=cast.company)
        sites = Team.objects.filter(kind="site", active=True).order_by("path")
        assert run.total == len(sites)
        assert posters.work(run.pk, clock=lambda: at)
        run.refresh_from_db()
        assert (run.done, run.finished_at, run.fault) == (len(sites), at, "")
        assert codes_of(bytes(run.pdf)) == [[address_of(site)] for site in sites]
        # Done is done.
        assert not posters.work(run.pk, clock=lambda: at)

    def test_the_same_form_twice_is_one_run(self, cast, at):
        key = uuid.uuid4()
        assert started(cast, at, key=key) == started(cast, at, key=key)
        with pytest.raises(NotAllowedNow, match="other choices"):
            started(cast, at, key=key, paper="a4")
        assert PosterRun.objects.count() == 1

    def test_a_region_without_an_open_site_is_refused(self, cast, at):
        Team.objects.filter(kind="site").update(active=False)
        with pytest.raises(NotAllowedNow, match="no open site"):
            started(cast, at)

    def test_more_sites_than_a_file_holds_are_refused(self, cast, at):
        Team.objects.bulk_create(
            Team(kind="site", parent=cast.west, name=f"Station {number}", path=f"{cast.west.path}{number}.", depth=2,
                 site_code=f"s{number}")
            for number in range(100_000, 100_000 + posters.MOST_SITES)
        )  # fmt: skip
        with pytest.raises(NotAllowedNow, match="2002 open sites; one file holds at most 2000"):
            started(cast, at, person=Person.objects.get(pk=cast.director.pk))
        assert not PosterRun.objects.exists()

    def test_a_killed_worker_lets_go_and_the_next_begins_again(self, cast, at):
        run = started(cast, at)
        token = posters._claim(run.pk, at)
        assert token is not None
        # As long as its lease holds nobody else draws.
        assert not posters.work(run.pk, clock=lambda: at + posters.LEASE / 2)
        assert not posters.under_way(at + posters.LEASE / 2).exists()
        assert posters.work(run.pk, clock=lambda: at + posters.LEASE)
        # Who was away for too long changes nothing any more.
        assert not posters._own(run.pk, token).update(done=0)

    def test_who_lost_the_lease_stops(self, cast, at):
        run = started(cast, at)

        def clock():
            # Another worker took it over between the claim and the first page.
            PosterRun.objects.filter(pk=run.pk).update(lease_token=uuid.uuid4())
            return at

        assert not posters.work(run.pk, clock=clock)
        assert PosterRun.objects.get(pk=run.pk).pdf is None

    def test_what_fails_again_and_again_ends_with_its_fault(self, cast, at):
        run = started(cast, at)
        Team.objects.filter(pk=cast.hexi.pk).update(site_code=None)
        moments = [at + attempt * posters.LEASE for attempt in range(posters.MOST_ATTEMPTS + 1)]
        for moment in moments[:-1]:
            with pytest.raises(ValueError, match="has no code"):
                posters.work(run.pk, clock=partial(next, repeat(moment)))
        assert not posters.work(run.pk, clock=partial(next, repeat(moments[-1])))
        run.refresh_from_db()
        assert (run.finished_at is not None, run.pdf) == (True, None)
        assert "could not be made" in run.fault

    def test_beat_finds_what_nobody_was_woken_for(self, cast, now):
        run = started(cast, now)
        work_poster_runs()
        assert PosterRun.objects.get(pk=run.pk).pdf
        work_poster_runs()

    def test_old_files_go(self, cast, at):
        old = started(cast, at - posters.KEPT - timedelta(hours=1))
        posters.work(old.pk, clock=lambda: at - posters.KEPT - timedelta(hours=1))
        started(cast, at)
        assert not PosterRun.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_make_one_file(cast, at):
    run, made = started(cast, at, team=cast.company), []

    def work():
        made.append(posters.work(run.pk, clock=lambda: at))
        connection.close()

    workers = [Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == [False, True]


class TestThePages:
    def given(self, site, **more) -> dict:
        return {"team": site.pk, "paper": "a4", "languages": "both", "submission_key": uuid.uuid4()} | more

    def test_without_a_session_nobody_makes_one(self, client, cast):
        assert client.post(PAGE, self.given(cast.hexi)).status_code == 302

    def test_one_site_is_a_file_at_once(self, client, cast):
        client.force_login(cast.supervisor)
        answer = client.post(PAGE, self.given(cast.hexi))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert codes_of(answer.content) == [[address_of(cast.hexi)]]

    def test_a_region_is_left_to_a_worker_and_found_again(self, client, cast, django_assert_max_num_queries):
        client.force_login(cast.director)
        answer = client.post(PAGE, self.given(cast.west))
        run = PosterRun.objects.get()
        assert answer["Location"] == reverse("followups:poster_run", args=[run.pk])
        assert "0 of 2 are drawn." in client.get(answer["Location"]).content.decode()
        assert client.get(reverse("followups:poster_pdf", args=[run.pk])).status_code == 404
        posters.work(run.pk, clock=timezone.now)
        assert client.get(answer["Location"], headers={"HX-Request": "true"})["HX-Refresh"] == "true"
        assert "Ready: 2 pages." in client.get(answer["Location"]).content.decode()
        file = client.get(reverse("followups:poster_pdf", args=[run.pk]))
        assert len(codes_of(file.content)) == 2
        with django_assert_max_num_queries(10):
            assert "2 pages" in client.get(PAGE).content.decode()

    def test_it_is_mine_alone(self, client, cast, at):
        run = started(cast, at)
        client.force_login(cast.supervisor)
        for name in ("poster_run", "poster_pdf"):
            assert client.get(reverse(f"followups:{name}", args=[run.pk])).status_code == 404

    def test_a_closed_site_is_not_offered_and_refused_in_words(self, client, cast):
        Team.objects.filter(pk=cast.hexi.pk).update(active=False)
        client.force_login(cast.supervisor)
        assert "Hexi Road" not in flat(client.get(PAGE).content.decode()).split("<form")[-1]
        answer = client.post(PAGE, self.given(cast.hexi))
        assert answer.status_code == 409
        assert "Hexi Road station is closed" in answer.content.decode()

    @pytest.mark.parametrize("who", ["handler", "frontline", "auditor", "reviewer", "administrator"])
    def test_others_make_none(self, client, cast, who):
        client.force_login(getattr(cast, who))
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, self.given(cast.hexi)).status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [
            {"team": ""},
            {"team": "x"},
            {"team": "999999"},
            {"paper": "a5"},
            {"languages": "fr"},
            {"submission_key": "x"},
        ],
    )
    def test_what_no_page_sends_is_said(self, client, cast, wrong):
        client.force_login(cast.director)
        assert client.post(PAGE, self.given(cast.west, **wrong)).status_code == 422
        assert not PosterRun.objects.exists()

    def test_a_site_of_others_is_no_choice(self, client, cast):
        client.force_login(cast.supervisor)
        assert client.post(PAGE, self.given(cast.qujiang)).status_code == 422

    def test_reading_makes_nothing(self, client, cast):
        client.force_login(cast.director)
        client.get(PAGE)
        assert not PosterRun.objects.exists()
