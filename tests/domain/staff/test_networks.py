"""The addresses of one household or office belong to one network."""

import pytest

from domain.staff.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.0/24"), ("::ffff:192.0.2.7", "192.0.2.0/24"), ("fe80::1%eth0", "fe80::/56"),
     ("2001:db8:0:12ff::1", "2001:db8:0:1200::/56"), ("testclient", ""), ("", ""), ("1.2.3", "")],
)  # fmt: skip
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network
