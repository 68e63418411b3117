"""What a person recognises a login by: browser and system from the user agent, and the part of the net it came from."""

import ipaddress
import re
from typing import Final

_BROWSERS: Final = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_PRODUCT: Final = re.compile(r"[A-Za-z][\w.-]{0,40}(?:/[\w.-]{1,20})?")


def name_of(user_agent: str) -> str:
    """“Firefox on Linux”, “curl/8.5”, or nothing. Never the text as it was sent: it is shown on a page."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    product = _PRODUCT.match(user_agent)
    return product.group(0) if product else ""


def region_of(address: str) -> str:
    """The network an address is in (IPv4 /24, IPv6 /48): enough to recognise, too little to find somebody by."""
    try:
        known = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    size = 24 if known.version == 4 else 48
    return str(ipaddress.ip_network(f"{known}/{size}", strict=False))


def throttled_as(address: str) -> str:
    """What failures of an address are counted under: IPv6 by /64, since one person holds that many."""
    try:
        known = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{known}/64", strict=False)) if known.version == 6 else str(known)
