"""Forms of the tenancy pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.permissions import Role
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
    zones = sorted(zone for zone in clock.zones() if zone.startswith(_REGIONS))
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


def _text(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", **attributes})


def _password(purpose: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"class": "form-control", "autocomplete": purpose})


def _email(**attributes: str) -> forms.EmailInput:
    return forms.EmailInput(attrs={"class": "form-control", **attributes})


PASSWORD_HINT = _("At least 12 characters; not a common one, not like your name or address, not digits alone.")
ROLES = [(Role.VIEWER, _("Viewer")), (Role.MEMBER, _("Member")), (Role.ADMIN, _("Admin"))]


class ForgotForm(forms.Form):
    """An address to send a link to."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=_email(autocomplete="username"))


class NewPasswordForm(forms.Form):
    """A password one chooses."""

    password = forms.CharField(
        label=_("New password"), max_length=1024, strip=False, help_text=PASSWORD_HINT, widget=_password("new-password")
    )


class PasswordForm(NewPasswordForm):
    """A password one chooses, for the one there is."""

    field_order = ("current", "password")
    current = forms.CharField(
        label=_("Current password"), max_length=1024, strip=False, widget=_password("current-password")
    )


class ConfirmPasswordForm(forms.Form):
    """The password, asked again."""

    password = forms.CharField(
        label=_("Your password"), max_length=1024, strip=False, widget=_password("current-password")
    )


class WelcomeForm(NewPasswordForm):
    """Who comes in by an invitation."""

    field_order = ("name", "password")
    name = forms.CharField(label=_("Your name"), max_length=120, required=False, widget=_text(autocomplete="name"))


class WelcomeByProviderForm(forms.Form):
    """Who comes in by an invitation and the workspace's own sign-in: no password is needed."""

    name = forms.CharField(label=_("Your name"), max_length=120, required=False, widget=_text(autocomplete="name"))


class CodeForm(forms.Form):
    """A code of an authenticator, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        min_length=6,
        max_length=20,
        help_text=_("The six digits your authenticator shows, or one of your recovery codes."),
        widget=_text(autocomplete="one-time-code", inputmode="text", spellcheck="false"),
    )


class MemberForm(forms.Form):
    """Somebody new in the workspace."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=_email(autocomplete="off"))
    name = forms.CharField(label=_("Name"), max_length=120, required=False, widget=_text(autocomplete="off"))
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.Select(attrs={"class": "form-select"}))
    password = forms.CharField(
        label=_("Password to begin with"),
        max_length=1024,
        required=False,
        strip=False,
        help_text=_(
            "Leave it empty to send an invitation. With one, they are a member at once; somebody who has an account "
            "here already keeps their own password."
        ),
        widget=_password("new-password"),
    )


class MemberChangeForm(forms.Form):
    """What an admin changes of a member."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.Select(attrs={"class": "form-select"}))
    name = forms.CharField(label=_("Name"), max_length=120, required=False, widget=_text())
    sees_pii = forms.BooleanField(
        label=_("Sees personal data in clear"),
        required=False,
        help_text=_("Grants “pii:read” to this person. Nobody grants it to themselves."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )


class TokenForm(forms.Form):
    """A personal token."""

    name = forms.CharField(label=_("What it is for"), max_length=80, widget=_text(autocomplete="off"))
    days = forms.TypedChoiceField(
        label=_("Good for"),
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        coerce=int,
        initial=90,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    )

    def __init__(self, *args: Any, scopes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope, scope) for scope in scopes]  # type: ignore[attr-defined]


class ProviderForm(forms.Form):
    """A workspace's OpenID Connect provider."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=_text())
    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=300,
        help_text=_("The https address under which the provider describes itself."),
        widget=_text(placeholder="https://login.example.com"),
    )
    client_id = forms.CharField(label=_("Client id"), max_length=300, widget=_text(autocomplete="off"))
    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=1000,
        required=False,
        strip=True,
        help_text=_("Kept sealed and never shown again; leave it empty to keep the one there is."),
        widget=_password("off"),
    )
    allowed_domains = forms.CharField(
        label=_("E-mail domains"),
        max_length=2000,
        help_text=_("Only verified addresses in these domains come in. Separate them by spaces."),
        widget=_text(placeholder="example.com"),
    )
    auto_join_role = forms.ChoiceField(
        label=_("Who is not a member yet"),
        required=False,
        choices=[("", _("stays outside")), ("viewer", _("joins as viewer")), ("member", _("joins as member"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    is_enabled = forms.BooleanField(
        label=_("Switched on"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )


class WorkspaceForm(forms.Form):
    """Which workspace's sign-in to use."""

    workspace = forms.SlugField(
        label=_("Workspace"), max_length=40, help_text=_("As in its address: …/t/workspace/"), widget=_text()
    )


class RenameForm(forms.Form):
    """Name and address of the workspace; the rules are the service's."""

    name = forms.CharField(
        label=_("Name"), max_length=1000, widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_("The part after /t/. Old addresses lead on to the new one for 90 days."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )


class DomainForm(forms.Form):
    """A host name; the rules are the service's."""

    domain = forms.CharField(
        label=_("Host name"),
        max_length=500,
        help_text=_("As in data.example.com. Not a wildcard, not an address of numbers."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )


class SuspendForm(forms.Form):
    """Why; the members read it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Shown to everybody who tries to enter."),
        widget=forms.TextInput(attrs={"class": "border border-base-300 rounded-default px-3 py-2 w-full"}),
    )


class StepInForm(forms.Form):
    """Why an operator looks into a workspace."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The workspace's admins read it."),
        widget=forms.TextInput(attrs={"class": "border border-base-300 rounded-default px-3 py-2 w-full"}),
    )


class RemoveForm(forms.Form):
    """Asks once: the slug, typed."""

    slug = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )
    force = forms.BooleanField(
        label=_("End what is still at work"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted = slug
        self.fields["slug"].label = _("Type “%(slug)s” to go on") % {"slug": slug}

    def clean_slug(self) -> str:
        """The slug itself, letter for letter."""
        typed: str = self.cleaned_data["slug"].strip()
        if typed != self._wanted:
            raise forms.ValidationError(_("That is not the address of this workspace."))
        return typed
