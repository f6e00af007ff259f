# A private PostgreSQL on a Unix socket. No other cluster is ever touched.
pg_place="$state/pg_place"      # holds the cluster's folder
socket_place="$state/pg_socket" # holds the socket's folder

# Folder of the server programs that fit the cluster, or the newest there are.
pg_bin() {
    local data=$1 version initdb
    version=$(cat "$data/PG_VERSION" 2>/dev/null || true)
    if [ -n "$version" ] && [ -x "/usr/lib/postgresql/$version/bin/postgres" ]; then
        echo "/usr/lib/postgresql/$version/bin"
        return
    fi
    initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)
    [ -n "$initdb" ] || initdb=$(readlink -f "$(command -v initdb)")
    dirname "$initdb"
}

# PostgreSQL refuses to run as root: then it is somebody unprivileged.
pg_owner() {
    if [ "$(id -u)" != 0 ]; then id -un; elif id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

as_pg_owner() {
    local owner
    owner=$(pg_owner)
    if [ "$(id -u)" != 0 ]; then "$@"; else
        (cd / && setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$@")
    fi
}

# A folder for PostgreSQL: below .odoo where its owner can reach that, else a temporary
# one that carries this checkout's mark.
pg_folder() {
    local place=$1 wanted=$2 longest=$3 folder mark
    mark=/var/tmp/pg-$(echo "$root" | digest)
    folder=$(cat "$place" 2>/dev/null || true)
    if [ ! -d "$folder" ] || [[ $folder != "$wanted" && $folder != "$mark"-* ]]; then
        folder=$wanted
        mkdir -p "$folder"
        if [ "${#folder}" -gt "$longest" ] || ! as_pg_owner test -x "$folder"; then
            rmdir "$folder"
            folder=$(mktemp -d "$mark-XXXXXX")
        fi
        [ "$(id -u)" != 0 ] || chown "$(pg_owner):" "$folder"
        chmod 0700 "$folder"
        stamp "$place" "$folder"
    fi
    echo "$folder"
}

write_pg_conf() {
    cat >>"$1/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_permissions = 0700
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
max_parallel_workers_per_gather = 0
dynamic_shared_memory_type = mmap
logging_collector = off
EOF
}

make_cluster() {
    local data=$1 bin
    stamped "$data/.stamp" complete && return 0
    bin=$(pg_bin "$data")
    say "Creating a private PostgreSQL cluster ($("$bin/postgres" -V))"
    as_pg_owner find "$data" -mindepth 1 -delete
    as_pg_owner "$bin/initdb" -D "$data" -U odoo -A trust -E UTF8 --locale=C --no-sync >"$state/initdb.log" 2>&1 ||
        { cat "$state/initdb.log" >&2; die "initdb failed"; }
    write_pg_conf "$data"
    stamp "$data/.stamp" complete
}

pg_setup() {
    pg_data=$(pg_folder "$pg_place" "$state/pg" 4000)
    # A socket's path has at most 107 bytes, "/.s.PGSQL.5432" included.
    pg_socket=$(pg_folder "$socket_place" "$state/run" 90)
    make_cluster "$pg_data"
    export PGHOST=$pg_socket PGPORT=5432 PGUSER=odoo
}

# What a test has not committed is in no statistics: vacuum would tell the planner that
# tables with thousands of rows are empty, and nested loops over them take minutes.
pg_options='-c autovacuum=off -c enable_nestloop=off -c jit=off'

pg_running() { as_pg_owner "$(pg_bin "$pg_data")/pg_ctl" -D "$pg_data" status >/dev/null 2>&1; }

# Sets pg_started when it was this script that started it. The server outlives the script
# while others use it: it must not keep the lock of the demo (7).
pg_start() {
    pg_started=
    pg_setup
    pg_running && return 0
    as_pg_owner "$(pg_bin "$pg_data")/pg_ctl" -D "$pg_data" -w -s -l "$pg_data/server.log" \
        -o "-k '$pg_socket' -p 5432 $pg_options" start </dev/null >/dev/null 2>&1 7>&- ||
        { tail -n 20 "$pg_data/server.log" >&2; die "PostgreSQL did not start"; }
    pg_started=1
}

pg_stop() {
    pg_setup
    pg_running || return 0
    as_pg_owner "$(pg_bin "$pg_data")/pg_ctl" -D "$pg_data" -w -s -m fast stop
}

pg_psql() { "$(pg_bin "$pg_data")/psql" -XqAt -v ON_ERROR_STOP=1 "$@"; }

# Stops what pg_start started, unless somebody else has come to use it.
pg_release() {
    [ -n "${pg_started:-}" ] || return 0
    local others
    others=$(pg_psql -d postgres -c "SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()" || echo 0)
    [ "$others" != 0 ] || pg_stop
}
