from followups.models.callback import Callback, CallbackAttempt
from followups.models.escalation import Escalation
from followups.models.heartbeat import Heartbeat
from followups.models.notice import Notice
from followups.models.poster import PosterRun
from followups.models.promise import Promise, PromisePolicy
from followups.models.sms_template import SmsTemplate
from followups.models.telling import Telling, TellingTry
from followups.models.verifier import Verifier

__all__ = [
    "Callback",
    "CallbackAttempt",
    "Escalation",
    "Heartbeat",
    "Notice",
    "PosterRun",
    "Promise",
    "PromisePolicy",
    "SmsTemplate",
    "Telling",
    "TellingTry",
    "Verifier",
]
