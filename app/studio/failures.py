"""What nobody foresaw: the log has all of it but what was typed, the visitor gets one sentence, and both the same
request's id."""

import logging

from app.studio.jobs import ASKER, Failed, short_hash
from app.words import translate


def sentence_for(error: Exception, language: str) -> str:
    """For the visitor; the error goes into the log, unless it is there already."""
    if isinstance(error, Failed):
        return translate(language, "failed", request=error.request)
    asker = ASKER.get()
    facts = {"request": asker.request, "visitor": short_hash(asker.visitor), "outcome": "failed"}
    logging.getLogger(__name__).error("a request failed", extra={"facts": facts}, exc_info=error)
    return translate(language, "failed", request=asker.request)
