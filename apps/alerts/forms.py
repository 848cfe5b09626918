"""The form of a rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps.accounts.models import Team
from apps.alerts.models import Kind, Rule
from apps.jobs.forms import WhenField
from apps.jobs.when import zones
from apps.outbox.models import Channel


class ChannelsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, channel: Channel) -> str:
        label = f"{channel} ({channel.get_kind_display()})"
        return label if channel.active and not channel.unsubscribed_at else f"{label}, gets nothing now"


class RuleForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label="Tell when", choices=Kind.choices, widget=forms.CheckboxSelectMultiple, initial=list(Kind.values)
    )
    channels = ChannelsField(Channel.objects.none(), label="In", widget=forms.CheckboxSelectMultiple)
    when = WhenField(
        otherwise="At once",
        label="How soon",
        help_text="A digest holds what happened since the one before it; nothing is sent where nothing happened.",
    )
    quiet_from = forms.TimeField(
        label="Quiet from",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text="What happens in quiet hours waits for their end.",
    )
    quiet_until = forms.TimeField(
        label="Quiet until", required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label="Time zone of the quiet hours", choices=[(zone, zone) for zone in zones()])

    def __init__(self, rule: Rule, data: Any = None) -> None:
        self.rule = rule
        present: dict[str, Any] = {name: getattr(rule, name) for name in ("quiet_from", "quiet_until", "time_zone")}
        if rule.pk:
            present |= {"kinds": rule.kinds, "channels": rule.channels.all(), "when": rule.when}
        super().__init__(data, initial=present)
        self.fields["channels"].queryset = Channel.objects.filter(team=rule.team)  # type: ignore[attr-defined]

    def clean(self) -> None:
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")
        if (start is None) != (end is None) and not self.errors:
            raise ValidationError("Quiet hours have a beginning and an end; give both or neither.")
        if start is not None and start == end:
            raise ValidationError("Quiet hours that end when they begin would be all day. Turn the rule off instead.")

    def save(self) -> Rule:
        rule, when = self.rule, self.cleaned_data["when"]
        rule.cron = when.cron if when else ""
        rule.digest_zone = when.zone if when else ""
        for name in ("kinds", "quiet_from", "quiet_until", "time_zone"):
            setattr(rule, name, self.cleaned_data[name])
        rule.save()
        rule.channels.set(self.cleaned_data["channels"])
        return rule


def default_rule(team: Team) -> Rule:
    """All kinds, at once: what one click turns on."""
    return Rule(team=team, kinds=list(Kind.values))
