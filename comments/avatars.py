"""A small picture for a name, drawn here: no service is asked, no hash of an address is shown."""

import hashlib

from django.utils.html import format_html
from django.utils.safestring import SafeString

TONES = 8


def avatar_svg(name: str) -> SafeString:
    """Return a disc with the name's first letter, in one of the theme's tones; the same for the same name."""
    digest = hashlib.blake2b(name.casefold().encode("utf-8", "replace"), digest_size=2).digest()
    letter = next((character for character in name if character.isalnum()), "·")
    return format_html(
        '<svg class="avatar tone-{}" viewBox="-20 -20 40 40" aria-hidden="true">'
        '<circle r="20"/><text dy=".35em">{}</text></svg>',
        digest[0] % TONES,
        # One letter stays one: the capital of "ß" would be two.
        letter.upper() if len(letter.upper()) == 1 else letter,
    )
