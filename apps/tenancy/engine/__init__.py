"""Pure parts of tenancy: what a user agent and an address are called."""
