"""The network of an internet address: about as much as a provider gives one household or office."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

_IPV4_PREFIX = 24
_IPV6_PREFIX = 56


def network_of(address: str) -> str:
    """The /24 of an IPv4 address, the /56 of an IPv6 address; "" for what is no address.

    "192.0.2.7" → "192.0.2.0/24" · "::ffff:192.0.2.7" → "192.0.2.0/24" · "2001:db8:0:12ff::1" → "2001:db8:0:1200::/56"
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    prefix = _IPV4_PREFIX if found.version == 4 else _IPV6_PREFIX
    return str(ip_network((found, prefix), strict=False))
