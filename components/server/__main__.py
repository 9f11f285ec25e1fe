"""`python -m components.server`."""

import sys

from components.server.main import main

sys.exit(main())
