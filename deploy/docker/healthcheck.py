"""Asks this container's worker whether it is alive: exit code 0 when ``/healthz`` answers 2xx, 1 when it does not.

The slim image has neither curl nor wget, and adding one for this would add its security updates too.
"""

from __future__ import annotations

import http.client
import os
import sys


def main() -> int:
    """Returns the exit code that Docker's HEALTHCHECK expects."""
    port = int(os.environ.get("TICKETSTREAMS_HTTP_PORT", "9464"))
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"{path} on port {port}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    print(f"{path} on port {port}: {status}")
    return 0 if 200 <= status < 300 else 1


if __name__ == "__main__":
    sys.exit(main())
