"""Health check of the web container: asks the portal as the proxy would. Exit code 0 means healthy.

The request bears the public host and scheme, because any other is refused or redirected.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

site = urlsplit(os.environ["SITE_URL"])
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request("GET", "/healthz/", headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme})
sys.exit(connection.getresponse().status != 200)
