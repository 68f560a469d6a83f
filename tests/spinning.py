"""Spam as programs write it: one template, other synonyms each time."""

import random
import re

TEMPLATE = """{I was|We were} {searching|looking} for {details|information} on {insulating|draught-proofing}
an {old|ancient} {farmhouse|cottage} when {a friend|my cousin} {recommended|suggested} this {site|blog} to me.
{You have|The author has} {explained|described} every {step|stage} {remarkably|exceptionally} well, and the
{drawings|pictures} made {it|everything} {easy|simple} to follow. {My neighbour|My sister} ordered the
{panels|boards} from {our|the} workshop in spring, and the {heating|gas} bill fell by a {third|quarter}.
{Keep up|Carry on} the {splendid|marvellous} work!"""

_CHOICE = re.compile(r"\{([^{}]*)\}")


def spun(count, *, template=TEMPLATE):
    """Return so many different texts of one template, the same ones each time."""
    chance, texts = random.Random(1), {}
    while len(texts) < count:
        texts[_CHOICE.sub(lambda choice: chance.choice(choice[1].split("|")), template)] = None
    return list(texts)
