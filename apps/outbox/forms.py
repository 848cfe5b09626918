"""The forms for new channels, one for each kind."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from apps.accounts.models import Team, User
from apps.outbox import web
from apps.outbox.models import Channel, Kind


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, person: User) -> str:
        return f"{person} ({person.email or 'no address'})"


class ChannelForm(forms.Form):
    """What all kinds ask for. `clean` fills `channel`, which the caller saves."""

    kind: ClassVar[Kind]

    label = forms.CharField(label="Name", max_length=80, help_text="As lists and histories call it.")

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data)
        self.channel = Channel(team=team, kind=self.kind)
        # What signs the messages of a webhook: shown once.
        self.key = ""

    def clean_label(self) -> str:
        self.channel.label = str(self.cleaned_data["label"])
        return self.channel.label


class EmailForm(ChannelForm):
    kind = Kind.EMAIL

    person = PersonField(
        User.objects.none(),
        required=False,
        empty_label="Nobody: the address below",
        help_text="Mail goes to the address of their account, while they are of the team.",
    )
    address = forms.EmailField(required=False, max_length=320, help_text="A mailing list, say.")
    label = forms.CharField(
        label="Name",
        max_length=80,
        required=False,
        help_text="As lists and histories call it; the person or address if empty.",
    )

    field_order = ("person", "address", "label")

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(team, data)
        people = User.objects.filter(memberships__team=team, is_active=True).order_by("username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> None:
        person, address = self.cleaned_data.get("person"), self.cleaned_data.get("address", "")
        if self.errors:
            return
        if bool(person) == bool(address):
            raise ValidationError("Choose a person or enter an address, one of the two.")
        if person and not person.email:
            raise ValidationError(f"The account of {person} has no address of e-mail.")
        mine = Channel.objects.filter(team=self.channel.team, kind=Kind.EMAIL)
        if mine.filter(user=person).exists() if person else mine.filter(user=None, target__iexact=address).exists():
            raise ValidationError(f"{person or address} is a channel of the team already.")
        self.channel.user, self.channel.target = person, address
        self.channel.label = self.channel.label or str(person or address)


class AddressForm(ChannelForm):
    """A kind whose address is a secret."""

    url = forms.CharField(max_length=2000)

    field_order = ("url", "label")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        self.key = web.seal(self.channel, url)
        return url


class SlackForm(AddressForm):
    kind = Kind.SLACK

    url = forms.CharField(
        label="Address of the webhook",
        max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="In Slack: Apps, Incoming Webhooks, Add to Slack. It begins with https://hooks.slack.com/ and is "
        "sealed, as who knows it can write to the channel.",
    )

    def clean_url(self) -> str:
        url = super().clean_url()
        if not url.strip().startswith(f"https://{web.SLACK}/"):
            raise ValidationError(f"Enter an address that begins with https://{web.SLACK}/.")
        return url


class WebhookForm(AddressForm):
    kind = Kind.WEBHOOK

    url = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Gets each message as JSON by POST. It is sealed, and only its host is shown again.",
    )


FORMS: dict[str, type[ChannelForm]] = {form.kind: form for form in (EmailForm, SlackForm, WebhookForm)}
