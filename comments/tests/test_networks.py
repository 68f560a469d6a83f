"""Networks as editors type them, and which stored addresses lie within."""

import random
from ipaddress import ip_address, ip_network

import pytest

from comments.models import Comment
from comments.networks import is_too_wide, network_of, within
from comments.visitors import shorten
from tests.factories import make_article, make_comment


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.0", "203.0.113.0/24"),
        ("203.0.113.77", "203.0.113.0/24"),
        (" 203.0.113.77/32 ", "203.0.113.0/24"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("203.0.113.0/16", "203.0.0.0/16"),
        ("203.0.96.0/20", "203.0.96.0/20"),
        ("203.0.113", "203.0.113.0/24"),
        ("203.0.113.", "203.0.113.0/24"),
        ("203.0", "203.0.0.0/16"),
        ("203", "203.0.0.0/8"),
        ("203.0.0.0/255.255.0.0", "203.0.0.0/16"),
        ("2001:DB8:7::", "2001:db8:7::/48"),
        ("2001:db8:7:1::1", "2001:db8:7::/48"),
        ("2001:db8:7::1/64", "2001:db8:7::/48"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:db8", "2001:db8::/32"),
        ("2001:db8:7:", "2001:db8:7::/48"),
        ("2001:db8:7:1", "2001:db8:7::/48"),
    ],
)
def test_network_is_read_as_people_write_it(text, network):
    assert str(network_of(text)) == network


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "\x00", "/24", "1" * 60, "203..113", "1.2.3.4.5", "256.0.0.0", "203.0.113.٣"),
        *("203.0.113.0/33", "203.0.113.0/-1", "203.0.113.0/24/24", "fe80::1%eth0", "::1::", "2001:xyz"),
        "1:2:3:4:5:6:7:8:9",
    ],
)
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError, match=r"network|IPv|Expected|address|Only|permitted"):
        network_of(text)


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("203.0.0.0/8", False),
        ("203.0.0.0/7", True),
        ("2001::/16", False),
        ("2001::/15", True),
        ("::/0", True),
    ],
)
def test_network_can_be_too_wide(text, wide):
    assert is_too_wide(network_of(text)) is wide


# Around the ends of groups, and where zeros are left out of what is stored.
NETWORKS = [
    *("203.0.113.0/24", "203.0.112.0/23", "203.0.96.0/20", "203.0.0.0/16", "203.0.0.0/15", "192.0.0.0/9"),
    *("203.0.0.0/8", "10.0.0.0/12", "1.0.0.0/24", "1.0.0.0/17", "100.64.0.0/10"),
    *("2001:db8:7::/48", "2001:db8::/48", "2001:db8::/47", "2001:db8:4000::/36", "2001:db8::/36"),
    *("2001:db8:f0::/44", "2001:db8:ab0::/45", "2001:db8::/33", "2001:db8::/32", "2001:db8::/29"),
    *("2001::/32", "2001::/16", "2001:0:8000::/33", "2001::/48", "2001::/20", "2a00::/17", "2a00:1:2::/48"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("network", NETWORKS)
def test_addresses_within_a_network_are_found_and_no_others(network):
    network, chance = ip_network(network), random.Random(network)
    article, family = make_article(), ip_address(network.network_address)
    width = network.max_prefixlen
    # In the network, beside it, and anywhere.
    numbers = {int(network.network_address) + chance.randrange(network.num_addresses) for _each in range(12)}
    numbers |= {int(network.network_address), int(network.broadcast_address)}
    numbers |= {int(network.network_address) - 1, int(network.broadcast_address) + 1}
    numbers |= {int(network.network_address) ^ (1 << chance.randrange(width)) for _each in range(12)}
    texts = {shorten(type(family)(number)) for number in numbers} | {"198.51.100.0", "2a02:8100::"}
    for text in texts:
        make_comment(article, address=text)
    make_comment(article, address=None)
    found = set(Comment.objects.filter(within(network)).values_list("address", flat=True))
    assert found == {text for text in texts if ip_address(text) in network}
    assert found
