"""Text for XML documents."""

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """Without what no XML document may hold, however it is escaped (XML 1.0 §2.2)."""
    return _NOT_XML.sub("", text)
