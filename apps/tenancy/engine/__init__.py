"""Pure parts of tenancy: what a slug, a name, a domain, a user agent and an address may be and are called."""
