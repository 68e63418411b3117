"""API routes of the tenancy app."""

from django.urls import path

from apps.tenancy.api import account, domains, lifecycle, members, shares, sign_in, usage, views

app_name = "tenancy_api"
# Also without the prefix `/api`: how a program gets in.
AUTH = [
    path("login", views.LoginView.as_view(), name="login"),
    path("login/second-factor", views.SecondStepView.as_view(), name="second-step"),
    path("refresh", views.RefreshView.as_view(), name="refresh"),
    path("logout", views.LogoutView.as_view(), name="logout"),
    path("jwks", views.KeysView.as_view(), name="jwks"),
]
USERS = [
    path("users", members.MembersView.as_view(), name="users"),
    path("users/<uuid:member_id>", members.MemberView.as_view(), name="user"),
    path("users/<uuid:member_id>/logout", members.MemberLogoutView.as_view(), name="user-logout"),
    path("users/<uuid:member_id>/second-factor/reset", members.FactorResetView.as_view(), name="user-factor"),
]
urlpatterns = [
    *(path(f"auth/{pattern.pattern}", pattern.callback, name=f"{pattern.name}-api") for pattern in AUTH),
    *(path(f"auth/{pattern.pattern}", pattern.callback, name=f"auth-{pattern.name}") for pattern in USERS),
    *USERS,
    path("auth/me", views.WhoAmIView.as_view(), name="me"),
    path("auth/roles", members.RolesView.as_view(), name="roles"),
    path("auth/invitations", members.InvitationsView.as_view(), name="invitations"),
    path("auth/invitations/accept", members.AcceptView.as_view(), name="accept"),
    path("auth/invitations/<uuid:invitation_id>", members.InvitationView.as_view(), name="invitation"),
    path("auth/invitations/<uuid:invitation_id>/resend", members.ResendView.as_view(), name="resend"),
    path("auth/password", account.PasswordView.as_view(), name="password"),
    path("auth/password/forgot", account.ForgotView.as_view(), name="forgot"),
    path("auth/password/reset", account.ResetView.as_view(), name="reset"),
    path("auth/second-factor", account.SecondFactorView.as_view(), name="second-factor"),
    path("auth/second-factor/confirm", account.ConfirmFactorView.as_view(), name="confirm-factor"),
    path("auth/second-factor/recovery-codes", account.RecoveryCodesView.as_view(), name="recovery-codes"),
    path("auth/tokens", account.TokensView.as_view(), name="tokens"),
    path("auth/tokens/<uuid:token_id>", account.TokenView.as_view(), name="token"),
    path("auth/sessions", account.SessionsView.as_view(), name="sessions"),
    path("auth/sessions/<uuid:session_id>", account.SessionView.as_view(), name="session"),
    path("auth/logout-everywhere", account.LogoutEverywhereView.as_view(), name="logout-everywhere"),
    path("auth/security-log", account.SecurityLogView.as_view(), name="security-log"),
    path("auth/sign-in", sign_in.SignInView.as_view(), name="sign-in"),
    path("auth/sign-in/second-factor", sign_in.SecondFactorRuleView.as_view(), name="second-factor-rule"),
    path("shares/<slug:kind>/<uuid:object_id>", shares.SharesView.as_view(), name="shares"),
    path("shares/<slug:kind>/<uuid:object_id>/<uuid:member_id>", shares.ShareView.as_view(), name="share"),
    path("tenants/current", lifecycle.CurrentTenantView.as_view(), name="current"),
    path("tenants/usage", usage.UsageView.as_view(), name="usage"),
    path("tenants/domains", domains.DomainsView.as_view(), name="domains"),
    path("tenants/domains/<uuid:domain_id>", domains.DomainView.as_view(), name="domain"),
    path("tenants/domains/<uuid:domain_id>/verify", domains.DomainVerifyView.as_view(), name="domain-verify"),
    path("tenants/purge/preview", lifecycle.PurgePreviewView.as_view(), name="purge-preview"),
    path("tenants/purge", lifecycle.PurgeView.as_view(), name="purge"),
    path("tenants/purge/receipts/<str:token>", lifecycle.PurgeReceiptView.as_view(), name="purge-receipt"),
]
