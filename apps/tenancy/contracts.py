"""Values that cross the border of tenancy: where a request comes from, what a login is worth."""

from dataclasses import dataclass

from apps.tenancy.engine import devices


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, as far as logins care."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""

    @property
    def device(self) -> str:
        """What the person would call it."""
        return devices.name_of(self.user_agent)

    @property
    def region(self) -> str:
        """The network, not the address."""
        return devices.region_of(self.address)


NOWHERE = Origin()
