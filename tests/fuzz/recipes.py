"""For every address that takes a form: who may send it, to which case, and what a browser sends."""

from django.utils import timezone

from tests.fuzz.fields import (
    Recipe,
    another_time,
    assignee,
    assignment,
    case,
    confirmation,
    facts,
    key,
    later,
    link,
    log,
    new_absence,
    not_reached,
    plain,
    reassignment,
    result,
    row,
    said,
    same,
    seen,
    step,
    verification,
    web,
)

PROMISED = (302, 422)

PREFERENCES = {
    "language": "en",
    "time_zone": "Europe/Berlin",
    "theme": "dark",
    "notify_by_mail": "daily",
    "notify_in_page": "on",
}

RECIPES = [
    # Customers, and whoever has no account
    Recipe("complaints:public_find", "", fields=lambda s: {"reference": s.received.reference, "digits": "4417"}),
    Recipe("complaints:public_reply", "", link("received"), plain(body="It leaks again", submission_key=key())),
    Recipe("complaints:public_confirm", "", link("restated"), confirmation),
    Recipe(
        "complaints:public_choose", "", lambda s: [s.token(s.offered.complaint)], lambda s: {"option": s.offered.pk}
    ),
    Recipe("complaints:public_rate", "", link("resolved"), plain(solved="yes", rating="5", words="Good", round="1")),
    Recipe("complaints:public_reopen", "", link("archived"), plain(reason="It leaks again")),
    Recipe("complaints:public_new", "", fields=web),
    Recipe("complaints:public_new_site", "", lambda s: [s.cast.hexi.site_code], web),
    Recipe("accounts:set_language", "", fields=plain(language="zh-hans", next="/c/")),
    Recipe("account_login", "", fields=plain(login="li.min", password="correct horse", next="/queue/")),
    Recipe("account_reset_password", "", fields=plain(email="li.min@desk.example")),
    Recipe(
        "account_reset_password_from_key", "", lambda s: ["1", "set-password"], plain(password1="x", password2="x")
    ),
    # Everybody who is signed in
    Recipe("account_logout", "handler"),
    Recipe("account_change_password", "handler", fields=plain(oldpassword="x", password1="y", password2="y")),
    Recipe("accounts:preferences", "handler", fields=plain(**PREFERENCES)),
    Recipe("accounts:absences", "handler", fields=new_absence),
    Recipe("accounts:person_absences", "supervisor", lambda s: [s.cast.handler.pk], new_absence),
    Recipe("accounts:end_absence", "handler", row("absence")),
    Recipe("followups:bell_seen", "handler", fields=seen),
    Recipe("followups:open_notification", "handler", row("bell")),
    Recipe("followups:open_many_notifications", "handler", row("bell")),
    Recipe("complaints:save_view", "handler", fields=plain(name="Other", query="?view=all&q=pump", shared_with="")),
    Recipe("complaints:saved_view", "handler", row("view"), plain(name="Renamed", shared_with="")),
    Recipe("complaints:replace_view", "handler", row("view"), plain(query="view=all&severity=danger")),
    Recipe("complaints:delete_view", "handler", row("view")),
    # Logging
    Recipe("complaints:log", "frontline", fields=log),
    Recipe("complaints:log_same", "frontline", case("received"), same),
    Recipe("complaints:log_customer", "frontline", fields=plain(phone="139 0000 4417", name="")),
    Recipe("complaints:log_customer", "frontline", fields=plain(phone="", name="Wang"), label="by name"),
    Recipe("complaints:log_known", "frontline", fields=log),
    # The case
    Recipe("complaints:say", "handler", case("assigned"), said("public"), "to the customer"),
    Recipe("complaints:say", "handler", case("assigned"), said("internal"), "inside"),
    Recipe("complaints:say", "handler", case("assigned"), said("inbound"), "from the customer"),
    Recipe(
        "complaints:undo_reply", "handler", lambda s: [s.assigned.reference, s.waiting.pk], plain(typed="And more")
    ),
    Recipe("complaints:presence", "handler", case("assigned"), plain(version="1", writing="yes")),
    Recipe("complaints:offer", "handler", case("assigned"), plain(words="Paid back", amount="18.60", expires_at="")),
    Recipe(
        "complaints:decide_option",
        "supervisor",
        row("doubted"),
        plain(approve="no", reason="Too much", next="/board/"),
    ),
    Recipe("complaints:choose_option", "handler", row("offered"), plain(channel="phone")),
    Recipe("complaints:withdraw_option", "handler", row("offered"), plain(next="/board/")),
    Recipe("complaints:add_evidence", "handler", case("assigned"), plain(public="on"), taken=(422,)),
    Recipe(
        "complaints:severity",
        "handler",
        case("assigned"),
        lambda s: {
            "severity": "danger",
            "reason": "It smokes",
            "version": s.version(s.assigned),
        },
    ),
    Recipe("complaints:issue_link", "handler", case("assigned"), lambda s: {"seen": s.assigned.token_hash[:16]}),
    Recipe("complaints:facts", "handler", case("assigned"), facts),
    Recipe("complaints:propose_invalid", "handler", case("received"), plain(reason="A question")),
    # Steps
    step("verify", "handler", "received", verification),
    step("verify", "handler", "received", verification, "save_step"),
    step("assign", "supervisor", "verified", assignment),
    step("take", "handler", "queued", plain()),
    step("reassign", "supervisor", "assigned", reassignment),
    step("resolve", "handler", "assigned", result),
    step("resolve", "handler", "assigned", result, "save_step"),
    step("record_feedback", "handler", "resolved", plain(solved="yes", rating="5", words="Good", channel="phone")),
    step("rework", "handler", "unanswered", plain(reason="Once more")),
    step("archive", "handler", "told", plain(responsibility="Service", lesson="Measure", exception_reason="")),
    step(
        "close_early",
        "supervisor",
        "received",
        plain(outcome="withdrawn", duplicate_of="", reason="By mistake", others_told=""),
    ),
    step("reopen", "handler", "archived", plain(basis="still_a_problem", reason="It leaks")),
    # Many at once
    Recipe(
        "complaints:bulk",
        "supervisor",
        fields=lambda s: {
            "action": "reassign",
            "row": s.assigned.pk,
            "handler": assignee(s),
            "next": "/queue/",
        },
    ),
    Recipe(
        "complaints:bulk",
        "supervisor",
        fields=plain(action="assign", all="1", view="all", filters="q=pump"),
        label="all",
    ),
    Recipe("complaints:bulk", "supervisor", fields=plain(action="assign", refused_of="1"), label="refused"),
    Recipe("complaints:bulk_run", "supervisor", row("run"), reassignment),
    # Promises, escalations, calls, messages
    Recipe(
        "followups:make_promise",
        "handler",
        case("assigned"),
        later(kind="reply", words="We call", to_customer="on"),
        taken=PROMISED,
    ),
    Recipe("followups:keep_promise", "handler", row("promise"), plain(next="/board/")),
    Recipe(
        "followups:move_promise",
        "handler",
        row("promise"),
        later(reason="The part is late", confirmed="x@y"),
        taken=PROMISED,
    ),
    Recipe("followups:withdraw_promise", "handler", row("promise"), plain(reason="Not needed", next="/board/")),
    Recipe(
        "followups:escalate",
        "handler",
        case("assigned"),
        plain(reason="manual", note="He shouts", tried="Talked to him"),
    ),
    Recipe("followups:sign", "supervisor", lambda s: [s.escalations[0].pk], plain(note="I call", next="/board/")),
    Recipe("followups:name_verifier", "supervisor", case("received"), lambda s: {"verifier": s.cast.handler.pk}),
    Recipe("followups:change_person", "supervisor", lambda s: [s.escalations[1].pk], reassignment),
    Recipe(
        "followups:change_place",
        "supervisor",
        lambda s: [s.escalations[2].pk],
        later(words="At your home"),
        taken=PROMISED,
    ),
    Recipe("followups:change_time", "supervisor", lambda s: [s.escalations[3].pk], another_time, taken=PROMISED),
    Recipe(
        "followups:callback_outcome",
        "handler",
        row("callback"),
        plain(outcome="reached", solved="yes", rating="5", words="Good", number="1"),
    ),
    Recipe("followups:callback_outcome", "handler", row("callback"), not_reached("no_answer"), "nobody"),
    Recipe("followups:callback_outcome", "handler", row("callback"), not_reached("wrong_number"), "wrong number"),
    Recipe("followups:retry_notice", "supervisor", row("undelivered")),
    Recipe(
        "followups:tell",
        "handler",
        case("to_call"),
        lambda s: {"said": s.to_say.pk, "way": "phone", "words": "They thank us", "next": "/queue/"},
    ),
    Recipe("followups:prepare_letters", "handler", fields=lambda s: {"letter": str(s.to_write.pk)}),
    Recipe(
        "followups:letters_posted",
        "handler",
        fields=lambda s: {"letter": str(s.printed.pk), "on": timezone.localdate(s.now).isoformat()},
    ),
    Recipe("followups:tell_not_reached", "handler", case("to_call"), plain(outcome="no_answer", number="1")),
]
