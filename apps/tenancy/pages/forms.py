"""Forms of the tenancy pages."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.tenancy.enums import Theme

_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


def zone_choices() -> list[tuple[str, str]]:
    """Every zone of the tz database that a person lives in, and UTC."""
    zones = sorted(zone for zone in available_timezones() if zone.startswith(_REGIONS))
    return [
        ("", str(_("As the workspace has it"))),
        ("UTC", "UTC"),
        *((zone, zone.replace("_", " ")) for zone in zones),
    ]


class LoginForm(forms.Form):
    """E-mail and password."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "current-password"}),
    )


class ProfileForm(forms.Form):
    """A person's own settings."""

    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Times on every page are shown in this zone."),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[(Theme.AUTO, _("As the system has it")), (Theme.LIGHT, _("Light")), (Theme.DARK, _("Dark"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = zone_choices()  # type: ignore[attr-defined]
