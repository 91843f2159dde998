"""Loading understood rows through the intake, a batch a transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import DeskRules, Team
from complaints import events, gates, intake
from complaints.actors import SYSTEM
from complaints.choices import Channel, Status, ToldHow
from complaints.importing.rows import ImportedCase
from complaints.models import Category, Complaint, Customer, Message, Resolution
from complaints.phones import phone_key

# What an imported case did not have to pass; its event says so.
PASSED_OVER = {Status.RECEIVED: (), Status.RESOLVED: ("verify", "assign", "resolve")}


class _ImportStep:
    data: dict = {}
    roles: frozenset = frozenset()


@dataclass
class Loader:
    """Loads batches of one file for one team. `at` is the moment of the import (aware)."""

    team: Team
    at: datetime
    source_name: str
    names_are_accounts: bool = False

    def known(self, keys: list[str]) -> set[str]:
        """The keys that are in the database already."""
        return set(Complaint.objects.filter(submission_key__in=keys).values_list("submission_key", flat=True))

    def load(self, cases: list[ImportedCase]) -> int:
        """Store the cases and return how many; all or none. Sends nothing to anybody."""
        with transaction.atomic():
            customers = self._customers(cases)
            categories = self._categories(cases)
            references = intake.next_references(self.at, len(cases))
            complaints = [
                self._complaint(case, reference, customers.get(case.key), categories.get(case.category))
                for case, reference in zip(cases, references, strict=True)
            ]
            history = [self._event(case, complaint) for case, complaint in zip(cases, complaints, strict=True)]
            Complaint.objects.bulk_create(complaints)
            self._results(cases, complaints)
            for event, complaint in zip(history, complaints, strict=True):
                event.complaint = complaint
            events.append_many(history)
        return len(cases)

    def _complaint(self, case: ImportedCase, reference: str, customer, category) -> Complaint:
        given = intake.Intake(
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
        complaint = intake.build(given, received_at=case.received_at, created_at=self.at, logged_by=None)
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
        waived = [f"log:{item.field}" for item in gates.log(complaint, _ImportStep())]
        said = {
            "file": self.source_name,
            "line": case.line,
            "to": complaint.status,
            "waived": [*waived, *PASSED_OVER[Status(complaint.status)]],
        }
        return events.build(complaint, "imported", actor=SYSTEM, at=self.at, data=said)

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
        """The customer of each case by its key: known ones are found, new ones made; no row for nobody."""
        found: dict[str, Customer] = {}
        fresh: dict[tuple, Customer] = {}
        accounts = self._accounts({case.customer_name for case in cases if case.customer_name})
        for case in cases:
            name, phone, email = case.customer_name, case.phone, case.email
            if not (name or phone or email):
                continue
            identity = (name, phone_key(phone), email.lower())
            customer = fresh.get(identity) or (
                intake.find_customer(name=name, phone=phone, email=email) if phone or email else accounts.get(name)
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
                if self.names_are_accounts or phone or email:
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
