# The ground of a campaign: databases on a PostgreSQL of their own, which a campaign
# restarts at will, and a data_dir of their own. What is committed there is committed:
# only the files are not synced, since the machine itself never fails.

# own_cluster: sets `cluster`, and exports PGHOST for it. Its folder is also its socket's.
own_cluster() {
    local bin
    bin=$(pg_bin "$pg_data")
    cluster=$(mktemp -d /var/tmp/ksef-campaign-XXXXXX)
    [ "$(id -u)" != 0 ] || chown "$(pg_owner):" "$cluster"
    as_pg_owner "$bin/initdb" -D "$cluster/pg" -U odoo -A trust -E UTF8 --locale=C --no-sync >"$state/initdb.log" 2>&1 ||
        { cat "$state/initdb.log" >&2; die "initdb failed"; }
    write_pg_conf "$cluster/pg"
    echo "synchronous_commit = on" >>"$cluster/pg/postgresql.conf"
    as_pg_owner "$bin/pg_ctl" -D "$cluster/pg" -w -s -l "$cluster/server.log" \
        -o "-k '$cluster' -p 5432 -c jit=off" start </dev/null >/dev/null 2>&1 ||
        { tail -n 20 "$cluster/server.log" >&2; die "PostgreSQL did not start"; }
    main_cluster=$PGHOST
    export PGHOST=$cluster
}

# Ends the cluster, if there is one, and goes back to the one before.
drop_own_cluster() {
    [ -n "${cluster:-}" ] || return 0
    as_pg_owner "$(pg_bin "$pg_data")/pg_ctl" -D "$cluster/pg" -w -s -m immediate stop || true
    rm -rf "$cluster"
    export PGHOST=$main_cluster
    cluster=
}

# write_restart FILE: a command that lets the server die and come back.
write_restart() {
    declare -f as_pg_owner pg_owner >"$1"
    echo "as_pg_owner '$(pg_bin "$pg_data")/pg_ctl' -D '$cluster/pg' -w -s -m immediate -l '$cluster/server.log' restart </dev/null >/dev/null 2>&1" >>"$1"
}

# make_ground FOLDER DATABASE [OTHER]: FOLDER/odoo.conf, FOLDER/data, FOLDER/restart, and
# a database with the addon; FOLDER/delivery.conf and FOLDER/delivery for another one.
make_ground() {
    local ground=$1 new=$2 other=${3:-} conf="$1/odoo.conf" plain="$state/odoo.conf"
    mkdir -p "$ground/data/filestore"
    sed "s|^data_dir = .*|data_dir = $ground/data|; s|^db_host = .*|db_host = $cluster|" "$plain" >"$conf"
    pg_psql -d postgres -c "CREATE DATABASE \"$new\""
    "$(pg_bin "$pg_data")/pg_dump" -h "$main_cluster" ksef_base | pg_psql -d "$new" >/dev/null
    cp -a "$state/data/filestore/ksef_base" "$ground/data/filestore/$new"
    install "$new" "$module" --skip-auto-install
    write_restart "$ground/restart"
    [ -n "$other" ] || return 0
    mkdir -p "$ground/delivery/filestore"
    sed "s|^data_dir = .*|data_dir = $ground/delivery|" "$conf" >"$ground/delivery.conf"
    pg_psql -d postgres -c "CREATE DATABASE \"$other\" TEMPLATE \"$new\""
    cp -a "$ground/data/filestore/$new" "$ground/delivery/filestore/$other"
}
