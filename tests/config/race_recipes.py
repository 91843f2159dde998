"""For every verb: a case on which it can be done, how to do it, and what there is of it when it was done once."""

from decimal import Decimal

from django.utils import timezone

from complaints.case.actors import CUSTOMER
from complaints.choices import Status
from complaints.conversation import messages
from complaints.customer import answers, new_links, representatives
from complaints.evidence import attaching
from complaints.intake import receiving
from complaints.models import Complaint, SavedView
from complaints.queue import saved_views
from complaints.steps import appeals, archive, assignment, facts, options, resolution, verification
from followups.escalation import deescalation, escalations, naming
from followups.models import Notice
from followups.notices import bell
from followups.promises import promises
from followups.telling import records
from tests import cases
from tests.complaints.steps import appealed
from tests.config.race_customers import (
    SOMEBODY,
    confirm,
    confirm_restatement,
    confirmed,
    decided,
    forget_files,
    let_in,
    link_asked,
    log_form,
    rate_as_a_duplicate,
    stage_file,
)
from tests.config.race_verbs import (
    absence,
    call,
    choose_rows,
    delete_view,
    handed_back,
    handed_up,
    later,
    left_by_its_reviewer,
    letter_posted,
    letter_prepared,
    log,
    moved,
    not_arrived,
    posters_started,
    refused_for_good,
    reply,
    save_view,
    saved,
    seen,
    sent,
    start,
    taken_back,
    told,
    told_in_vain,
    undelivered,
    upheld,
    work,
)
from tests.config.races import HOUR, KEY, SURE, Desk, Race, now_by, on_case, on_part, step
from tests.followups.board.at_the_board import dead

RACES = [
    Race("complaints.intake.receiving.log", log),
    on_case("complaints.intake.receiving.tell_again", "customer_replied",
            lambda desk, case, number: receiving.tell_again(
        case.pk, body="Again", channel="phone", phone_key=case.customer.phone_key, submission_key=f"t{case.pk}",
        is_danger=True, actor=desk.handler, at=timezone.now())),
    Race("complaints.webform.staging.log", log_form),
    Race("complaints.webform.staging.stage", stage_file),
    Race("complaints.webform.staging.forget", forget_files),
    # The lifecycle
    step("verify", Status.RECEIVED, "verified", "handlers", lambda desk: cases.verification_data(desk.at)),
    step("assign", Status.VERIFIED, "assigned", "leaders", lambda desk: cases.assignment_data(desk.cast)),
    step("take", Status.ASSIGNED, "taken", "handlers", lambda desk: {}),
    step("reassign", Status.ASSIGNED, "reassigned", "leaders",
         lambda desk: {"team": desk.cast.hexi, "handler": desk.cast.colleague, "reason": "Knows it"}),
    # To another team: who waits for the first finds another team beside the row.
    step("reassign", Status.ASSIGNED, "reassigned", "leaders",
         lambda desk: {"team": desk.cast.weiyang, "handler": desk.cast.neighbour, "reason": "Knows it"}),
    step("resolve", Status.ASSIGNED, "resolved", "handlers", lambda desk: cases.resolution_data(desk.cast)),
    step("untell", Status.RESOLVED, "untold", "desks", lambda desk: {"reason": "550 no such user"}),
    step("record_feedback", Status.RESOLVED, "feedback_recorded", "handlers",
         lambda desk: {"solved": True, "rating": 5}),
    step("rework", Status.FEEDBACK, "reworked", "handlers", lambda desk: {"reason": "Measure again"}),
    step("archive", Status.FEEDBACK, "archived", "handlers", lambda desk: cases.archive_data(desk.cast)),
    step("close_early", Status.RECEIVED, "closed_early", "leaders",
         lambda desk: {"outcome": "withdrawn", "reason": "By mistake"}),
    step("reopen", Status.ARCHIVED, "reopened", "handlers",
         lambda desk: {"basis": "still_a_problem", "reason": "It leaks"}),
    on_case("complaints.steps.verification.save_progress", "verification_saved",
            lambda desk, case, number: verification.save_progress(
                case.pk, data={"place": "Pump 5"}, **now_by(desk.handlers, number)), stage=Status.RECEIVED),
    on_case("complaints.steps.resolution.save_progress", "result_saved",
            lambda desk, case, number: resolution.save_progress(
        case.pk, data={"solution": "Paid"}, version=case.version, **now_by(desk.handlers, number))),
    confirmed("complaints.steps.verification.confirm_restatement", confirm_restatement),
    on_case("followups.escalation.naming.name_verifier", "verifier_named",
            lambda desk, case, number: naming.name_verifier(
        case.pk, person=desk.cast.colleague, **now_by(desk.leaders, number)), stage=Status.RECEIVED),
    Race("complaints.case.orphans.hand_back", handed_back),
    Race("complaints.case.orphans.hand_up", handed_up),
    on_case("complaints.steps.archive.propose_invalid", "invalid_proposed", lambda desk, case, number:
            archive.propose_invalid(case.pk, reason="A question", actor=desk.handler, at=timezone.now())),
    on_case("complaints.steps.assignment.change_severity", "severity_changed", lambda desk, case, number:
            assignment.change_severity(case.pk, severity="danger", reason="Smoke", **now_by(desk.handlers, number))),
    on_case("complaints.steps.assignment.change_category", "category_changed", lambda desk, case, number:
            assignment.change_category(case.pk, category=desk.manners,
                                    reason="Sorted", **now_by(desk.handlers, number))),
    on_case("complaints.steps.facts.correct", "facts_corrected", lambda desk, case, number: facts.correct(
        case.pk, data={"phone": "029 0000 5512", "named_people": [desk.cast.technician]}, version=case.version,
        **now_by(desk.handlers, number))),
    # What is said, and files
    on_case("complaints.conversation.messages.say", "note_added", lambda desk, case, number: messages.say(
        case.pk, kind="internal", body="Seal intact", submission_key=f"s{case.pk}", actor=desk.handler,
        at=timezone.now())),
    on_case("complaints.conversation.messages.customer_says", "customer_replied", lambda desk, case, number:
            messages.customer_says(case.pk, body="Hello", submission_key=f"c{case.pk}", at=timezone.now())),
    Race("complaints.conversation.undo_send.reply", reply),
    Race("complaints.conversation.undo_send.take_back", taken_back),
    Race("complaints.conversation.undo_send.send_due", sent),
    on_case("complaints.evidence.attaching.add", "evidence_added", lambda desk, case, number: attaching.add(
        case.pk, [desk.file()], **now_by(desk.handlers, number))),
    # The customer on the link
    on_case("complaints.customer.answers.reply", "customer_replied", lambda desk, case, number: answers.reply(
        case.pk, {"submission_key": KEY, "body": "Hello", "files": [desk.file()]}, at=timezone.now())),
    confirmed("complaints.customer.answers.confirm", confirm),
    on_part("complaints.customer.answers.choose", Desk.option, "option_chosen",
            lambda desk, option, number: answers.choose(
        option.complaint_id, {"option": option.pk}, at=timezone.now())),
    on_case("complaints.customer.answers.rate", "feedback_recorded", lambda desk, case, number: answers.rate(
        case.pk, {"solved": True, "rating": 5, "words": "", "round": 1}, at=timezone.now()), stage=Status.RESOLVED),
    decided("take_back", "closed_early", words="It is settled"),
    decided("ask_for_supervisor", "supervisor_asked", words="I was promised a call twice"),
    decided("set_call_hours", "facts_corrected", call_hours="after 17:00"),
    decided("set_language", "facts_corrected", language="en"),
    decided("stop_contact", "facts_corrected"),
    on_case("complaints.customer.representatives.add", "representative_added", lambda desk, case, number:
            representatives.add(case.pk, SOMEBODY, at=timezone.now())),
    on_part("complaints.customer.representatives.end", let_in, "representative_ended", lambda desk, somebody, number:
            representatives.end(somebody.complaint_id, somebody.pk, at=timezone.now())),
    decided("begin_contact", "facts_corrected", before=lambda case: Complaint.objects.filter(
        pk=case.pk).update(wishes_no_contact=True)),
    Race("complaints.customer.answers.rate", rate_as_a_duplicate),
    on_case("complaints.customer.answers.reopen", "reopened", lambda desk, case, number: answers.reopen(
        case.pk, {"reason": "It leaks"}, at=timezone.now()), stage=Status.ARCHIVED),
    # Appeals
    on_case("complaints.customer.answers.appeal", "appeal_made", lambda desk, case, number: answers.appeal(
        case.pk, {"submission_key": KEY, "points": [1], "grounds": "No", "wanted": "", "files": []},
        at=timezone.now()), stage=Status.ARCHIVED),
    on_case("complaints.steps.appeals.make", "appeal_made", lambda desk, case, number: appeals.make(
        case.pk, points=[1], grounds="No", channel="phone", **now_by(desk.handlers, number)), stage=Status.ARCHIVED),
    on_part("complaints.steps.appeals.begin_review", lambda desk: appealed.made(desk.cast, desk.at - 4 * HOUR),
            "appeal_review_began", lambda desk, appeal, number: appeals.begin_review(
                appeal.pk, **now_by(desk.reviewers, number))),
    on_part("complaints.steps.appeals.decide", lambda desk: appealed.reviewed(desk.cast, desk.at - 4 * HOUR),
            "appeal_decided", lambda desk, appeal, number: appealed.decide(
                desk.cast, appeal, timezone.now(), 1)),
    on_part("complaints.steps.appeals.give_back", left_by_its_reviewer, "appeal_given_back",
            lambda desk, appeal, number: appeals.give_back(appeal.pk, at=timezone.now())),
    Race("complaints.steps.lifecycle.perform:uphold", upheld),
    # Solutions
    on_case("complaints.steps.options.offer", "option_offered", lambda desk, case, number: options.offer(
        case.pk, words="A wash", amount=Decimal(0), actor=desk.handler, at=timezone.now())),
    on_part("complaints.steps.options.decide", lambda desk: desk.option(5000), "option_declined",
            lambda desk, option, number: options.decide(
                option.pk, approve=False, reason="Too much", **now_by(desk.leaders, number))),
    on_part("complaints.steps.options.choose", Desk.option, "option_chosen", lambda desk, option, number:
            options.choose(option.pk, actor=CUSTOMER if number % 2 else desk.handler, at=timezone.now())),
    on_part("complaints.customer.answers.refuse_options", Desk.option, "options_refused",
            lambda desk, option, number: answers.refuse_options(
                option.complaint_id, "I want it exchanged", at=timezone.now())),
    on_part("complaints.steps.options.withdraw", Desk.option, "option_withdrawn", lambda desk, option, number:
            options.withdraw(option.pk, **now_by(desk.handlers, number))),
    on_case("complaints.customer.new_links.issue", "link_issued", lambda desk, case, number: new_links.issue(
        case.pk, seen=new_links.mark_of(case), **now_by(desk.handlers, number))),
    Race("complaints.customer.new_links.answer_asked", link_asked),
    # Many at once, and views
    Race("complaints.queue.bulk.choose", choose_rows),
    Race("complaints.queue.bulk.start", start),
    Race("complaints.queue.bulk.work_one", work, 3),
    Race("complaints.queue.bulk.finish", work, 3),
    Race("complaints.queue.saved_views.save", save_view),
    saved("complaints.queue.saved_views.rename", lambda desk, view: saved_views.rename(
        view, person=desk.cast.handler, name="Other", team_id=None, at=timezone.now()),
        lambda view: SavedView.objects.filter(pk=view.pk, name="Other").count, 1),
    saved("complaints.queue.saved_views.replace", lambda desk, view: saved_views.replace(
        view, person=desk.cast.handler, query="view=mine", at=timezone.now()),
        lambda view: SavedView.objects.filter(pk=view.pk, query="view=mine").count, 1),
    saved("complaints.queue.saved_views.delete", delete_view,
            lambda view: SavedView.objects.filter(pk=view.pk).count, -1),
    absence("accounts.absences.enter"),
    absence("accounts.absences.end"),
    # Promises, escalations, calls, messages
    on_case("followups.promises.promises.make", "promise_made", lambda desk, case, number: promises.make(
        case.pk, kind="visit", words="We come", due_at=later(desk), confirmed=SURE,
        **now_by(desk.leaders, number))),
    on_part("followups.promises.promises.keep", Desk.promise, "promise_kept",
            lambda desk, promise, number: promises.keep(
        promise.pk, **now_by(desk.handlers, number))),
    on_part("followups.promises.promises.move", Desk.promise, "promise_moved",
            lambda desk, promise, number: promises.move(
        promise.pk, due_at=later(desk), reason="Late", confirmed=SURE, **now_by(desk.leaders, number))),
    on_part("followups.promises.promises.withdraw", Desk.promise, "promise_withdrawn", lambda desk, promise, number:
            promises.withdraw(promise.pk, reason="Not needed", **now_by(desk.leaders, number))),
    on_case("followups.escalation.escalations.escalate_by_hand", "escalated",
            lambda desk, case, number: escalations.escalate_by_hand(
        case.pk, note="He shouts", tried="Talked", actor=desk.handler, at=timezone.now())),
    on_part("followups.escalation.escalations.sign", Desk.escalation, "escalation_signed",
            lambda desk, escalation, number:
            escalations.sign(escalation.pk, note="I call", **now_by(desk.leaders, number))),
    moved("followups.escalation.deescalation.change_person",
            lambda desk, escalation, number: deescalation.change_person(
        escalation.pk, team=desk.cast.hexi, handler=desk.cast.colleague, reason="Calmer",
        **now_by(desk.leaders, number))),
    moved("followups.escalation.deescalation.change_place", lambda desk, escalation, number: deescalation.change_place(
        escalation.pk, words="At home", due_at=later(desk), confirmed=SURE, **now_by(desk.leaders, number))),
    moved("followups.escalation.deescalation.change_time", lambda desk, escalation, number: deescalation.change_time(
        escalation.pk, promise_id=None, words="On Tuesday", due_at=later(desk), confirmed=SURE,
        **now_by(desk.leaders, number))),
    Race("followups.callbacks.callbacks.record_attempt", call),
    Race("followups.delivery.retrying.retry", undelivered),
    Race("followups.delivery.receipts.take", not_arrived),
    Race("followups.telling.saying.said", told),
    Race("followups.posters.posters.start", posters_started),
    Race("followups.telling.letters.prepare", letter_prepared),
    Race("followups.telling.letters.posted", letter_posted),
    Race("followups.telling.saying.not_reached", told_in_vain),
    Race("followups.telling.records.settle", refused_for_good),
    on_part("followups.telling.records.settle", lambda desk: dead(
        desk.case(), event="customer_message", state=Notice.State.SENT, sent_at=timezone.now()), "told",
        lambda desk, notice, number: records.settle(notice.pk, at=timezone.now())),
    seen("followups.notices.bell.see", lambda notice: bell.see(notice, at=timezone.now())),
    seen("followups.notices.bell.see_alike", lambda notice: bell.see_alike(notice, at=timezone.now())),
    seen("followups.notices.bell.see_all",
            lambda notice: bell.see_all(notice.person, up_to=notice.pk, at=timezone.now())),
]  # fmt: skip
