"""The form of a report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.jobs.forms import WhenField
from apps.jobs.when import When
from apps.outbox.models import Channel, Kind
from apps.reports.models import Report, Scope
from apps.repositories.models import Repository

MONDAYS = "0 7 * * 1"
# What a preview needs to know.
BASIS = {"scope", "repository", "when", "days"}


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, person: User) -> str:
        return f"{person} ({person.email})"


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a report is on, when it comes, and to whom. What it is on stays: its editions would be another's."""

    when = WhenField(label="Comes")
    channels = forms.ModelMultipleChoiceField(
        Channel.objects.none(), label="To channels", required=False, widget=forms.CheckboxSelectMultiple
    )
    person = PersonField(User.objects.none(), label="To a person", required=False, empty_label="Nobody")
    address = forms.EmailField(label="To an address", required=False, max_length=320)

    class Meta:
        model = Report
        fields = ("scope", "repository", "days", "channels", "active")

    field_order = ("scope", "repository", "when", "days", "channels", "person", "address", "active")

    def __init__(self, author: User, report: Report, data: Any = None) -> None:
        when = report.when if report.cron else When(MONDAYS, settings.TIME_ZONE)
        super().__init__(data, instance=report, initial={"when": when})
        self.author, self.team = author, report.team
        self.limit("repository", Repository.objects.filter(team=self.team))
        self.limit("channels", Channel.objects.filter(team=self.team))
        known = Channel.objects.filter(team=self.team, user__isnull=False).values("user")
        people = (
            User.objects.filter(memberships__team=self.team, is_active=True).exclude(email="").exclude(pk__in=known)
        )
        self.limit("person", people.order_by("username"))
        self.fields["repository"].required = False
        self.fields["repository"].empty_label = "Choose one"  # type: ignore[attr-defined]
        if report.pk is None:
            self.initial |= {"person": author.pk, "channels": Channel.objects.filter(team=self.team, user=author)}
        else:
            self.fields["scope"].disabled = self.fields["repository"].disabled = True

    def limit(self, name: str, choices: Any) -> None:
        self.fields[name].queryset = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if when := cleaned.get("when"):
            self.instance.cron, self.instance.time_zone = when.cron, when.zone
        scope = cleaned.get("scope")
        if scope == Scope.REPOSITORY and not cleaned.get("repository"):
            self.add_error("repository", "Choose which one.")
        elif scope != Scope.REPOSITORY:
            cleaned["repository"] = None
        if scope == Scope.PORTFOLIO:
            cleaned["channels"], cleaned["person"], cleaned["address"] = Channel.objects.none(), self.author, ""
            if not self.author.email:
                raise ValidationError("It would go to you, and your account has no address of e-mail.")
        elif not any(cleaned.get(name) for name in ("channels", "person", "address")):
            raise ValidationError("Say to whom it goes: a channel, a person or an address.")
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Report:
        """The report with its recipients and its schedule."""
        report: Report = super().save(commit)
        report.channels.add(*self.added())
        report.plan()
        return report

    def added(self) -> list[Channel]:
        """The channels of the person and the address that were named."""
        mine, known = {"team": self.team, "kind": Kind.EMAIL}, Channel.objects
        person, address = self.cleaned_data["person"], self.cleaned_data["address"]
        told: dict[str, Any] = {"created_by": self.author}
        found = []
        if person:
            found.append(known.get_or_create(**mine, user=person, defaults=told | {"label": str(person)})[0])
        if address:
            same = known.filter(**mine, user=None, target__iexact=address).first()
            found.append(same or known.create(**mine, target=address, label=address[:80], **told))
        return found
