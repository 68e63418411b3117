"""TXT records from the DNS: the system's resolver, or the one that ATOM_DNS_SERVER names."""

from typing import Final

import dns.exception
import dns.resolver

from apps.core.errors import Unavailable
from atom_project.config import config

TIMEOUT_SECONDS: Final = 5.0


def txt_records(name: str) -> list[str]:
    """The texts at `name`; none when there are none. Raises Unavailable when no resolver answers."""
    try:
        answer = _resolver().resolve(name, "TXT", lifetime=TIMEOUT_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise Unavailable(f"The DNS did not answer for {name} ({type(error).__name__}); try again later.") from None
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def _resolver() -> dns.resolver.Resolver:
    if not config.dns_server:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    address, _, port = config.dns_server.rpartition(":")
    resolver.nameservers, resolver.port = [address], int(port)
    return resolver
