"""`python -m simulator` starts the local Telegram."""

import sys

from simulator.app import main

if __name__ == "__main__":
    sys.exit(main())
