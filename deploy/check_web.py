"""Health check of the web container: whether this process answers. Exit code 0 means that it does.

Whether the whole service is well, with its database and its sweeps, is another question: /healthz/ answers it. A
worker that hangs must not make the web look ill, or an upgrade would wait for it for ever.
The request bears the public host and scheme, because any other is refused or redirected.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

site = urlsplit(os.environ["SITE_URL"])
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=10)
connection.request("GET", "/livez/", headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme})
sys.exit(connection.getresponse().status != 204)
