"""The only code of tenancy that speaks to an outside system: OpenID Connect providers, the DNS."""
