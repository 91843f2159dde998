from complaints.models.appeal import Appeal, AppealPoint, OutsideHelp
from complaints.models.bulk import BulkRow, BulkRun
from complaints.models.category import Category, RootCause
from complaints.models.complaint import Complaint, ReferenceBlock, ReferenceCounter
from complaints.models.customer import Customer
from complaints.models.event import ComplaintEvent
from complaints.models.evidence import Evidence
from complaints.models.link_request import LinkRequest
from complaints.models.message import Message, ReplyTemplate
from complaints.models.representative import Representative
from complaints.models.resolution import Feedback, Option, Resolution
from complaints.models.round import Round
from complaints.models.saved_view import SavedView
from complaints.models.search import SearchDocument
from complaints.models.source_row import SourceRow
from complaints.models.staged import StagedFile
from complaints.models.verification import Point, Verification
from complaints.models.waiting_reply import WaitingReply

__all__ = [
    "Appeal",
    "AppealPoint",
    "BulkRow",
    "BulkRun",
    "Category",
    "Complaint",
    "ComplaintEvent",
    "Customer",
    "Evidence",
    "Feedback",
    "LinkRequest",
    "Message",
    "Option",
    "OutsideHelp",
    "Point",
    "ReferenceBlock",
    "ReferenceCounter",
    "ReplyTemplate",
    "Representative",
    "Resolution",
    "RootCause",
    "Round",
    "SavedView",
    "SearchDocument",
    "SourceRow",
    "StagedFile",
    "Verification",
    "WaitingReply",
]
