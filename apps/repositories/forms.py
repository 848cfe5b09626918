"""Forms about what is watched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.jobs.forms import WhenField
from apps.jobs.when import SPREADS
from apps.repositories import address, audits
from apps.repositories.address import Address
from apps.repositories.models import AuditSchedule, Repository, tag_name


class TagsField(forms.CharField):
    """Tags between spaces or commas; cleans to a list of names."""

    def __init__(self) -> None:
        super().__init__(required=False, help_text="Words between spaces, as in: nlp production")

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else " ".join(value)

    def clean(self, value: Any) -> list[str]:
        names = sorted(set(super().clean(value).lower().replace(",", " ").split()))
        for name in names:
            if len(name) > 40:
                raise ValidationError(f"A tag has at most 40 characters, and {name[:40]}… has {len(name)}.")
            tag_name(name)
        return names


class AddressField(forms.CharField):
    """An address as a person types it; cleans to what `address.parse` makes of it."""

    def __init__(self, help_text: str, **attributes: Any) -> None:
        # Not a URL field: browsers would refuse paths.
        attributes |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(max_length=address.LONGEST, help_text=help_text, widget=forms.TextInput(attrs=attributes))

    def clean(self, value: Any) -> Address:
        try:
            return address.parse(super().clean(value), settings.LOCAL_ROOTS, settings.INTERNAL_HOSTS)
        except address.AddressError as error:
            raise ValidationError(str(error)) from error


class RegistrationForm(forms.Form):
    """An address, and whose repository it is: a question only to those who have a choice."""

    address = AddressField(
        "As its forge shows it for a clone, by https or ssh; or the path of one on this machine.",
        placeholder=address.EXAMPLE,
        autofocus=True,
    )
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    tags = TagsField()

    def __init__(self, person: User, data: Any = None) -> None:
        super().__init__(data)
        self.teams = teams_where(person, Role.MEMBER)
        if len(self.teams) == 1:
            del self.fields["team"]
        else:
            self.fields["team"].queryset = self.teams  # type: ignore[attr-defined]

    def chosen_team(self) -> Team:
        return self.cleaned_data.get("team") or self.teams[0]


class RepositoryForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a lead may change."""

    address = AddressField("Change it where the repository has moved: its scores and history stay.")
    tags = TagsField()
    audits = WhenField()

    class Meta:
        model = Repository
        fields = ("name", "team")

    field_order = ("name", "address", "team", "tags", "audits")

    def __init__(self, person: User, repository: Repository, data: Any = None) -> None:
        own = AuditSchedule.objects.filter(repository=repository).first()
        initial = {
            "address": repository.url,
            "tags": list(repository.tags.values_list("name", flat=True)),
            "audits": own and own.when,
        }
        super().__init__(data, instance=repository, initial=initial)
        self.fields["audits"] = WhenField(
            otherwise="As its team",
            help_text=format_html(
                '{} has <a href="{}">its repositories</a> audited {}. Only what has changed is audited.',
                repository.team,
                reverse("team_audits", args=[repository.team.slug]),
                audits.followed(repository.team).words,
            ),
        )
        self.fields["team"].queryset = teams_where(person, Role.MEMBER)  # type: ignore[attr-defined]
        self.fields["team"].empty_label = None  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One team watches a repository once."""
        cleaned = super().clean() or {}
        source, team = cleaned.get("address"), cleaned.get("team")
        if source and team:
            others = Repository.objects.filter(team=team, identity=source.identity).exclude(pk=self.instance.pk)
            if other := others.first():
                field = "team" if source.identity == self.instance.identity else "address"
                self.add_error(field, f"{team} watches this repository already, as {other}.")
            self.instance.locate(source)
        return cleaned

    def save(self, commit: bool = True) -> Repository:
        repository: Repository = super().save(commit)
        repository.tag(self.cleaned_data["tags"])
        audits.decide(repository, self.cleaned_data["audits"])
        return repository


class AuditsForm(forms.Form):
    """When all repositories of a team are audited, or everyone's."""

    audits = WhenField(label="Audits")
    spread = forms.ChoiceField(
        label="They start",
        choices=[(str(int(spread.total_seconds())), words) for spread, words in SPREADS.items()],
        help_text="So that not all of them ask their server at the same moment, each has its own time in this span.",
    )

    def __init__(self, team: Team | None, data: Any = None) -> None:
        own = AuditSchedule.objects.filter(repository=None, team=team).first()
        shown = own or audits.everyones()
        following = team is not None and own is None
        initial = {"audits": None if following else shown.when, "spread": str(int(shown.spread.total_seconds()))}
        super().__init__(data, initial=initial)
        if team:
            rest = f"Where a team decides nothing, audits are {audits.everyones().words}."
            self.fields["audits"] = WhenField(label="Audits", otherwise="As all teams", help_text=rest)

    def save(self, team: Team | None) -> None:
        spread = timedelta(seconds=int(self.cleaned_data["spread"]))
        audits.decide(team, self.cleaned_data["audits"], spread)
