"""What of the network counts as one who knocks: an address, of IPv6 a household's share."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address


def household(source: str) -> str:
    """What counts as one source: an address, of IPv6 its /64 in full, whichever way it is written."""
    try:
        address = ip_address(source.partition("%")[0])
    except ValueError:
        return source
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
