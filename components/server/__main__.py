"""`python -m components.server`."""

import sys

import components.records.read_in_place  # noqa: F401 (before gRPC)
from components.server.main import main

sys.exit(main())
