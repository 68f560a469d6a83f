"""Networks as editors type them, and the stored addresses that lie within.

Of an address only its block is stored: /24 of IPv4, /48 of IPv6 (``visitors.shorten``). PostgreSQL compares
addresses as numbers. SQLite has them as text, of which the whole groups before the prefix's end are a range
of an index; where it ends within a group, there are several.
"""

from ipaddress import ip_network

from django.db import connection
from django.db.models import Q

LONGEST_TEXT = 50
# The prefix that is stored, and the shortest one that can be asked for.
STORED = {4: 24, 6: 48}
SHORTEST = {4: 8, 6: 16}
# Bits of a group, and the signs between groups.
GROUP = {4: 8, 6: 16}
SIGN = {4: ".", 6: ":"}


def network_of(text):
    """Return the network that a text names; at most as narrow as what is stored.

    "203.0.113.7" is its block, "203.0" and "2001:db8:" are what begins so. Raises ValueError.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT or "%" in text:
        raise ValueError("no network")
    if "/" not in text:
        text = _completed(text)
    network = ip_network(text, strict=False)
    if network.prefixlen > STORED[network.version]:
        network = network.supernet(new_prefix=STORED[network.version])
    return network


def is_too_wide(network):
    return network.prefixlen < SHORTEST[network.version]


def within(network, field="address"):
    """Return the condition that a stored address lies within a network."""
    if connection.vendor == "postgresql":
        ends = str(network.network_address), str(network.broadcast_address)
        return Q(**{f"{field}__range": ends})
    whole, divided = divmod(network.prefixlen, GROUP[network.version])
    sign = SIGN[network.version]
    if network.version == 4:
        groups = str(network.network_address).split(sign)
    else:
        groups = [f"{int(group, 16):x}" for group in network.network_address.exploded.split(sign)]
    start = sign.join([*groups[:whole], ""])
    if not divided:
        found = _begins(field, start)
    elif network.version == 4:
        first = int(groups[whole])
        numbers = range(first, first + (1 << (GROUP[4] - divided)))
        found = Q(*(_begins(field, f"{start}{number}{sign}") for number in numbers), _connector=Q.OR)
    else:
        found = _hexadecimal(field, start, int(groups[whole], 16), GROUP[6] - divided)
    if network.version == 6:
        # With its groups of zeros left out, this one may begin otherwise.
        found |= Q(**{field: str(network.network_address)})
    return found


def _completed(text):
    """Return what begins an address as a network, an address as it is."""
    sign = ":" if ":" in text else "."
    groups = text.removesuffix(sign).split(sign)
    size = {".": 4, ":": 8}[sign]
    if "::" in text or len(groups) >= size or not all(groups):
        return text
    bits = len(groups) * {".": 8, ":": 16}[sign]
    rest = ["0"] * (size - len(groups))
    return f"{sign.join([*groups, *rest])}/{bits}"


def _begins(field, start):
    """Return the condition that a text begins so: a range, since an index has it."""
    return Q(**{f"{field}__gte": start, f"{field}__lt": start[:-1] + chr(ord(start[-1]) + 1)})


def _hexadecimal(field, start, first, free):
    """Return the condition that a group of digits without leading zeros differs from one in its last bits."""
    digits, bits = divmod(free, 4)
    found = Q()
    for head in range(first >> (4 * digits), (first >> (4 * digits)) + (1 << bits)):
        if head:
            begin = f"{start}{head:x}"
            found |= _begins(field, begin) & _matches(field, f"{begin}[0-9a-f]{{{digits}}}:")
        else:
            # Leading zeros are left out, and of a group of zeros perhaps the last one.
            rest = f"[0-9a-f]{{0,{digits}}}" if digits else "0?"
            found |= _begins(field, start) & _matches(field, f"{start}{rest}:")
    return found


def _matches(field, pattern):
    return Q(**{f"{field}__regex": f"^{pattern}"})
