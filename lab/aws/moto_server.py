"""Runs moto's server and ends with whoever started it.

Usage: moto_server.py PORT, with a pipe as standard input. When the other end of the pipe is closed, for whatever
reason (kill -9 of the parent included), this process ends too: nothing has to remember to stop it.
"""

import os
import sys
import threading

from moto.server import main


def end_with_parent() -> None:
    while os.read(0, 4096):  # nothing is ever written: this waits for the end
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
main(["--host", "127.0.0.1", "--port", sys.argv[1]])
