"""Complaints with promises in bulk, due tomorrow until the storm moves them into its window."""

import math
import random
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Person, Role, Team
from complaints.case import events
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.intake import receiving
from complaints.models import Complaint, ComplaintEvent, Customer
from demo.bulk.copying import Numbers, copy
from followups.models import Promise

REGIONS, SITES, CUSTOMERS = 10, 20, 400
BATCH = 2000
# So many in a hundred complaints carry two promises, and so many promises are warned of.
DOUBLE, WARNED = 10, 10
WARN_BEFORE = timedelta(seconds=10)
# Moved into the window when the storm begins.
AHEAD = timedelta(days=1)


class Loader:
    """Makes `count` promises; `mails` percent of customers and staff have an address."""

    def __init__(self, count: int, spread_s: float, mails: int, dice: random.Random):
        self.count, self.spread_s, self.dice = count, spread_s, dice
        self.share = mails / 100
        self.numbers = Numbers()
        self.at = timezone.now() - timedelta(hours=2)
        self.base = self.at + AHEAD

    def load(self):
        """Store everything."""
        with transaction.atomic():
            self.organisation()
            self.customers = Customer.objects.bulk_create(self.customer(number) for number in range(CUSTOMERS))
        made = 0
        year_numbers = iter(receiving.next_references(self.at, self.count))
        while made < self.count:
            complaints, promises = [], []
            while len(promises) < BATCH and made + len(promises) < self.count:
                complaint = self.complaint(next(year_numbers))
                complaints.append(complaint)
                two = self.dice.random() * 100 < DOUBLE and made + len(promises) + 2 <= self.count
                promises += [self.promise(complaint) for _which in range(2 if two else 1)]
            with transaction.atomic():
                copy(complaints)
                copy([self.logged[complaint.pk] for complaint in complaints])
                copy(promises)
            made += len(promises)

    def organisation(self):
        company = Team.objects.create(name="Company", kind=Team.Kind.COMPANY)
        director = self.person("director", company, Role.SUPERVISOR, has_mail=True)
        self.places, self.director, self.logged = [], director, {}
        regions = []
        for number in range(REGIONS):
            region = Team.objects.create(name=f"Region {number}", kind=Team.Kind.REGION, parent=company)
            has_mail = number < math.ceil(REGIONS * self.share)
            self.person(f"supervisor.{number}", region, Role.SUPERVISOR, has_mail=has_mail)
            regions.append(region)
        for number in range(SITES):
            site = Team.objects.create(
                name=f"Site {number}", kind=Team.Kind.SITE, parent=regions[number % REGIONS], phone="400 000"
            )
            has_mail = number < math.ceil(SITES * self.share)
            self.places.append((site, self.person(f"handler.{number}", site, Role.HANDLER, has_mail=has_mail)))

    def person(self, name: str, team: Team, role: str, *, has_mail: bool) -> Person:
        person = Person(username=name, name=name, email=f"{name}@desk.example" if has_mail else "", language="en")
        person.set_unusable_password()
        person.save()
        Membership.objects.create(person=person, team=team, role=role)
        return person

    def customer(self, number: int) -> Customer:
        has_mail = number < CUSTOMERS * self.share
        return Customer(
            name=f"Customer {number}",
            phone=f"139 0000 {number:04d}",
            email=f"customer.{number}@customer.example" if has_mail else "",
            language="en",
            created_at=self.at,
        )

    def complaint(self, reference: str) -> Complaint:
        site, handler = self.dice.choice(self.places)
        complaint = receiving.build(
            receiving.Intake(
                narrative="The pump showed more than my tank holds.",
                channel="phone",
                team=site,
                site=site,
                customer=self.dice.choice(self.customers),
                language="en",
            ),
            received_at=self.at,
            created_at=self.at,
            logged_by=handler,
        )
        complaint.pk, complaint.reference = self.numbers.next(Complaint), reference
        complaint.status, complaint.handler = Status.ASSIGNED, handler
        event = events.build(complaint, "logged", actor=Actor.staff(handler), at=self.at, public=True)
        event.pk = self.numbers.next(ComplaintEvent)
        self.logged[complaint.pk] = event
        return complaint

    def promise(self, complaint: Complaint) -> Promise:
        due_at = self.base + timedelta(seconds=self.dice.random() * self.spread_s)
        complaint.next_due_at = min(filter(None, (complaint.next_due_at, due_at)))
        return Promise(
            pk=self.numbers.next(Promise),
            complaint=complaint,
            kind="visit",
            words="The technician comes",
            made_by=complaint.handler,
            made_at=self.at,
            due_at=due_at,
            warn_at=due_at - WARN_BEFORE if self.dice.random() * 100 < WARNED else None,
        )


def load(*, count: int, seed: int, mails: int, spread_s: float) -> str:
    """Store it all; returns the moment (ISO) at which the window begins until the storm moves it."""
    loader = Loader(count, spread_s, mails, random.Random(seed))
    loader.load()
    return loader.base.isoformat()
