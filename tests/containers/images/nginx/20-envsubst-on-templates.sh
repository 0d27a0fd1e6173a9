#!/bin/sh
# As the official image's: templates become files of /etc/nginx/conf.d, with the variables that are set.
set -e
defined=$(printf '${%s} ' $(awk "END { for (name in ENVIRON) { print ( name ~ /${NGINX_ENVSUBST_FILTER:-}/ ) ? name : \"\" } }" </dev/null))
find /etc/nginx/templates -follow -type f -name '*.template' | while read -r template; do
  output=/etc/nginx/conf.d/$(basename "$template" .template)
  envsubst "$defined" <"$template" >"$output"
done
