"""What is registered, in one place: with the apps below gates, queue views, words and dates; here the notices."""

from complaints.case.gates import register_gate
from complaints.case.payload_registry import register_payloads
from complaints.case.timeline import register_sentences
from complaints.conversation.tellings import register_tellings
from complaints.conversation.undo_send import register_urgency_check
from complaints.queue.worklists import register_own_work, register_worklist
from complaints.writing.reply_templates import register_dates
from followups import gates, payloads, receivers, sentences
from followups.board import worklists
from followups.escalation import naming
from followups.notices import appeal_rules, bell_words, tellings, truth
from followups.notices.kinds import register_notices
from followups.reactions import leaving, letter_dates


def register():
    """Called once at start-up; twice counts once."""
    register_gate("archive", gates.archive)
    register_gate("record_feedback", gates.record_feedback)
    register_urgency_check(gates.falls_due)
    register_worklist(worklists.TO_SIGN, after="waiting")
    register_worklist(worklists.WITHIN_THE_HOUR, after="today")
    register_own_work(naming.to_verify)
    register_notices(truth.RULES, words=bell_words.SENTENCES, about=tellings.ABOUT, only_mailed={"digest"})
    register_notices(appeal_rules.RULES, words=appeal_rules.SENTENCES, about=appeal_rules.ABOUT)
    register_payloads(payloads.PAYLOADS)
    register_sentences(sentences.SENTENCES, sentences.REMARKS)
    register_tellings(tellings.of)
    register_dates(letter_dates.dates_of)
    receivers.connect()
    leaving.connect()
