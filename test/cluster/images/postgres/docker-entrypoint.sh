#!/bin/sh
# What the official images' entry point does, as far as it matters here: as user postgres, a new data directory if there is none, then
# the server as process 1 with the arguments given. Any other command runs as it is.
set -eu

if [ "${1#-}" != "$1" ]; then
	set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
	exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA" /run/postgresql
	chown postgres:postgres "$PGDATA" /run/postgresql
	exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	password=$(mktemp)
	# Not empty: initdb refuses that. Nobody is asked for it.
	printf '%s\n' "${POSTGRES_PASSWORD:-postgres}" >"$password"
	initdb --pgdata="$PGDATA" --username=postgres --pwfile="$password" --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
	rm "$password"
	echo "host all all all trust" >>"$PGDATA/pg_hba.conf"
	cat >>"$PGDATA/postgresql.conf" <<-'SETTINGS'
		listen_addresses = '*'
		unix_socket_directories = '/var/run/postgresql'
	SETTINGS
fi
exec "$@"
