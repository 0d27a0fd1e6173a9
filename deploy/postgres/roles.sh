#!/bin/sh
# The two roles of the portal's database, run inside the container of PostgreSQL:
#   portal_owner   owns database, tables and triggers; only the service "migrate" signs in as it
#   portal         reads and writes rows; web, worker and beat. It cannot touch the triggers of the ledger
# By itself on an empty volume, and by script/upgrade every time: again it changes nothing but the passwords of .env.
# A database from before there were two roles has one superuser "portal"; it is made the first of these.
set -eu
: "${OWNER_PASSWORD:?}" "${PORTAL_PASSWORD:?}"

sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --username "$1" --dbname portal; }

if ! echo 'SELECT 1' | sql postgres >/dev/null 2>&1; then
  # Nobody renames the role that he signed in with, so a third one does it. It may be there from a run that was broken off.
  sql portal <<'END'
SELECT 'CREATE ROLE renaming SUPERUSER LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'renaming') \gexec
END
  echo "ALTER ROLE portal RENAME TO postgres" | sql renaming
fi

sql postgres <<END
-- Whenever it was left behind.
SET client_min_messages = warning;
DROP ROLE IF EXISTS renaming;
SELECT 'CREATE ROLE portal_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_owner') \gexec
SELECT 'CREATE ROLE portal' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal') \gexec
\getenv owner_password OWNER_PASSWORD
\getenv portal_password PORTAL_PASSWORD
-- It may create databases: manage.py rehearse takes its made-up province through a year in some of its own.
ALTER ROLE portal_owner LOGIN NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD :'owner_password';
ALTER ROLE portal LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'portal_password';
ALTER ROLE postgres PASSWORD NULL;

ALTER DATABASE portal OWNER TO portal_owner;
ALTER SCHEMA public OWNER TO portal_owner;
SELECT format('ALTER TABLE public.%I OWNER TO portal_owner', tablename)
  FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'portal_owner' \gexec
SELECT format('ALTER VIEW public.%I OWNER TO portal_owner', viewname)
  FROM pg_views WHERE schemaname = 'public' AND viewowner <> 'portal_owner' \gexec
SELECT format('ALTER FUNCTION %s OWNER TO portal_owner', oid::regprocedure)
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> 'portal_owner'::regrole \gexec

GRANT USAGE ON SCHEMA public TO portal;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO portal;
-- What migrations make from now on.
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portal;
END
