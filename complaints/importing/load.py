"""Loading understood rows through the intake, a batch a transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import DeskRules, Team
from complaints.case import events, gates
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.choices import Channel, Status, ToldHow
from complaints.importing import sources
from complaints.importing.rows import ImportedCase
from complaints.intake import receiving, references
from complaints.models import Category, Complaint, Customer, Message, Resolution
from complaints.phones import phone_key

# What an imported case did not have to pass; its event says so.
PASSED_OVER = {Status.RECEIVED: (), Status.RESOLVED: ("verify", "assign", "resolve")}


@dataclass
class Loader:
    """Loads batches of one file for one team. `at` is the moment of the import (aware)."""

    team: Team
    at: datetime
    source_name: str
    mapping_name: str = ""
    names_are_accounts: bool = False
    contacts_are_accounts: bool = False

    def known(self, keys: list[str]) -> dict[str, int]:
        """Of the keys those that are in the database already, with the ids of their complaints."""
        return dict(Complaint.objects.filter(submission_key__in=keys).values_list("submission_key", "pk"))

    def load(self, cases: list[ImportedCase]):
        """Store the cases; all or none. Sends nothing to anybody.

        Their numbers are taken before, in a transaction of their own: whoever logs a complaint meanwhile waits for
        nothing. Raises IntegrityError where one of the keys is stored already, DataError and Refused for a value
        that the database or the intake does not take.
        """
        block = references.reserve_references(self.at, len(cases))
        with transaction.atomic():
            customers = self._customers(cases)
            categories = self._categories(cases)
            complaints = [
                self._complaint(case, reference, customers.get(case.key), categories.get(case.category))
                for case, reference in zip(cases, references.use(block), strict=True)
            ]
            history = [self._event(case, complaint) for case, complaint in zip(cases, complaints, strict=True)]
            Complaint.objects.bulk_create(complaints)
            self._results(cases, complaints)
            for event, complaint in zip(history, complaints, strict=True):
                event.complaint = complaint
            events.append_many(history)
            with_key = {made.pk: case for case, made in zip(cases, complaints, strict=True) if case.source_key}
            sources.remember(self.mapping_name, with_key)

    def _complaint(self, case: ImportedCase, reference: str, customer, category) -> Complaint:
        given = receiving.Intake(
            narrative=case.narrative,
            subject=case.subject,
            channel=case.channel,
            team=self.team,
            category=category,
            customer=customer,
            desired_outcome=case.desired_outcome,
            place=case.place,
            language=case.language,
            submission_key=case.key,
            source=case.source | {"file": self.source_name, "line": case.line},
        )
        complaint = receiving.build(given, received_at=case.received_at, created_at=self.at, logged_by=None)
        complaint.reference = reference
        if case.is_resolved:
            complaint.status = Status.RESOLVED
            complaint.reopen_until = self.at + timedelta(days=self._reopen_days)
        return complaint

    @property
    def _reopen_days(self) -> int:
        if not hasattr(self, "_days"):
            self._days = DeskRules.current().reopen_days
        return self._days

    def _event(self, case: ImportedCase, complaint: Complaint):
        waived = [f"log:{item.field}" for item in gates.log(complaint)]
        said = {
            "file": self.source_name,
            "line": case.line,
            "to": complaint.status,
            "waived": [*waived, *PASSED_OVER[Status(complaint.status)]],
        }
        return events.build(complaint, EventKind.IMPORTED, actor=SYSTEM, at=self.at, data=said)

    def _results(self, cases: list[ImportedCase], complaints: list[Complaint]):
        answered = [(case, complaint) for case, complaint in zip(cases, complaints, strict=True) if case.is_resolved]
        Resolution.objects.bulk_create(
            Resolution(
                complaint=complaint,
                round=1,
                solution=case.reply or case.response,
                told_how=ToldHow.MESSAGE,
                told_at=case.replied_at or case.received_at,
                resolved_at=case.replied_at or case.received_at,
            )
            for case, complaint in answered
        )
        Message.objects.bulk_create(
            Message(
                complaint=complaint,
                kind=Message.Kind.PUBLIC,
                channel=Channel.IMPORT,
                body=case.reply,
                at=case.replied_at or case.received_at,
            )
            for case, complaint in answered
            if case.reply
        )

    def _customers(self, cases: list[ImportedCase]) -> dict[str, Customer]:
        """The customer of each case by its key, no row for nobody.

        A contact of its own for each case, unless the mapping says what makes two of them the same customer.
        """
        found: dict[str, Customer] = {}
        fresh: dict[tuple, Customer] = {}
        accounts = self._accounts({case.customer_name for case in cases if case.customer_name})
        for case in cases:
            name, phone, email = case.customer_name, case.phone, case.email
            if not (name or phone or email):
                continue
            identity = (name, phone_key(phone), email.lower())
            by_contact = bool(phone or email)
            is_account = self.contacts_are_accounts if by_contact else self.names_are_accounts
            customer = None
            if is_account:
                customer = fresh.get(identity) or (
                    receiving.find_customer(name=name, phone=phone, email=email) if by_contact else accounts.get(name)
                )
            if customer is None:
                customer = Customer(
                    name=name,
                    phone=phone,
                    phone_key=identity[1],
                    email=email,
                    language=case.language,
                    created_at=self.at,
                )
                if is_account:
                    fresh[identity] = customer
            found[case.key] = customer
        Customer.objects.bulk_create({id(c): c for c in found.values() if c.pk is None}.values())
        return found

    def _accounts(self, names: set[str]) -> dict[str, Customer]:
        if not self.names_are_accounts:
            return {}
        return {c.name: c for c in Customer.objects.filter(name__in=names, phone_key="", email="").order_by("-id")}

    def _categories(self, cases: list[ImportedCase]) -> dict[str, Category]:
        """Categories by their name in the file; unknown ones are added to the catalogue."""
        names = {case.category for case in cases if case.category}
        known = {c.name: c for c in Category.objects.filter(name__in=names, parent=None)}
        known |= {c.name_zh: c for c in Category.objects.filter(name_zh__in=names, parent=None)}
        for name in sorted(names - set(known)):
            known[name] = Category.objects.create(name=name)
        return known
