"""Page routes of the tenancy app."""

from django.urls import URLPattern, URLResolver, path

from apps.tenancy.pages import account, doors, links, people, second_step, settings, sharing, sign_in, sso

app_name = "tenancy"
urlpatterns: list[URLPattern | URLResolver] = [
    path("login", doors.login, name="login"),
    path("login/demo", doors.demo_login, name="demo-login"),
    path("login/second-factor", second_step.second_step, name="second-step"),
    path("login/second-factor/remove/<str:token>", second_step.remove, name="factor-remove"),
    path("login/sso", sso.choose, name="sso"),
    path("login/sso/callback", sso.callback, name="sso-callback"),
    path("login/sso/<slug:slug>", sso.start, name="sso-start"),
    path("logout", doors.logout, name="logout"),
    path("tenants", doors.tenants, name="tenants"),
    path("password/forgot", links.forgot, name="forgot"),
    path("password/reset/<str:uid>/<str:token>", links.reset, name="reset"),
    path("invitations/<str:token>", links.invitation, name="invitation"),
    path("invitations/<str:token>/leave", links.leave, name="invitation-leave"),
    path("settings/profile/", settings.profile, name="profile"),
    path("settings/security/", account.security, name="security"),
    path("settings/security/second-factor", account.factor, name="factor"),
    path("settings/sessions/", account.list_sessions, name="sessions"),
    path("settings/sessions/end-others", account.end_others, name="end-others"),
    path("settings/sessions/<uuid:session_id>/end", account.end_session, name="end-session"),
    path("settings/tokens/", account.tokens, name="tokens"),
    path("settings/tokens/<uuid:token_id>/revoke", account.revoke_token, name="revoke-token"),
    path("settings/security-log/", account.log, name="security-log"),
    path("settings/members/", people.index, name="members"),
    path("settings/members/<uuid:member_id>/", people.member, name="member"),
    path("settings/members/<uuid:member_id>/act", people.act, name="member-act"),
    path("settings/invitations/<uuid:invitation_id>/act", people.act_on_invitation, name="invitation-act"),
    path("settings/roles/", people.roles, name="roles"),
    path("settings/sign-in/", sign_in.index, name="sign-in"),
    path("settings/sign-in/act", sign_in.act, name="sign-in-act"),
    path("share/<slug:kind>/<uuid:object_id>/", sharing.index, name="share"),
    path("share/<slug:kind>/<uuid:object_id>/act", sharing.act, name="share-act"),
]
