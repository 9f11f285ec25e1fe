"""What a person who waits for a run wants to hear from inside a part: `arbiter run` prints it as it comes."""

import logging

NEWS = logging.getLogger("arbiter.news")
