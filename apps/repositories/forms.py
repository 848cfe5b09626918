"""Forms about what is watched."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.repositories import address
from apps.repositories.address import Address
from apps.repositories.models import Repository, tag_name


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


class RegistrationForm(forms.Form):
    """An address, and whose repository it is: a question only to those who have a choice."""

    address = forms.CharField(
        max_length=address.LONGEST,
        help_text="The https address of a public repository, or the path of one on this machine.",
        # Not a URL field: browsers would refuse paths.
        widget=forms.TextInput(
            attrs={
                "placeholder": address.EXAMPLE,
                "autofocus": True,
                "autocapitalize": "none",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
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

    def clean_address(self) -> Address:
        try:
            return address.parse(self.cleaned_data["address"], settings.LOCAL_ROOTS)
        except address.AddressError as error:
            raise ValidationError(str(error)) from error

    def chosen_team(self) -> Team:
        return self.cleaned_data.get("team") or self.teams[0]


class RepositoryForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a lead may change; an address stays, for what was found belongs to it."""

    tags = TagsField()

    class Meta:
        model = Repository
        fields = ("name", "team")

    def __init__(self, person: User, repository: Repository, data: Any = None) -> None:
        names = list(repository.tags.values_list("name", flat=True))
        super().__init__(data, instance=repository, initial={"tags": names})
        self.fields["team"].queryset = teams_where(person, Role.MEMBER)  # type: ignore[attr-defined]
        self.fields["team"].empty_label = None  # type: ignore[attr-defined]

    def clean_team(self) -> Team:
        team: Team = self.cleaned_data["team"]
        if Repository.objects.filter(team=team, url=self.instance.url).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"{team} watches this address already.")
        return team

    def save(self, commit: bool = True) -> Repository:
        repository: Repository = super().save(commit)
        repository.tag(self.cleaned_data["tags"])
        return repository
