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

    class Meta:
        model = Repository
        fields = ("name", "team")

    field_order = ("name", "address", "team", "tags")

    def __init__(self, person: User, repository: Repository, data: Any = None) -> None:
        names = list(repository.tags.values_list("name", flat=True))
        super().__init__(data, instance=repository, initial={"address": repository.url, "tags": names})
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
        return repository
