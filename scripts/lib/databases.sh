# Databases of the private cluster. Templates are kept, since l10n_pl takes half a minute.

odoo_cli() { "$venv/bin/python" -W ignore -m odoo -c "$conf" "$@"; }

# Changes when Odoo does.
odoo_key() {
    {
        echo "$odoo_home"
        stat -c %Y "$odoo_home/odoo/release.py"
        [ ! -e "$odoo_home/.git" ] || git -C "$odoo_home" rev-parse HEAD
        cat "$lists/odoo.txt"
    } | digest
}

drop_database() {
    pg_psql -d postgres -c "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)" 2>/dev/null
    rm -rf "${state:?}/data/filestore/$1"
}

copy_database() {
    drop_database "$2"
    pg_psql -d postgres -c "CREATE DATABASE \"$2\" TEMPLATE \"$1\""
    [ ! -d "$state/data/filestore/$1" ] || cp -a "$state/data/filestore/$1" "$state/data/filestore/$2"
}

template_key() {
    pg_psql -d postgres -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"
}

# install DATABASE MODULES OPTIONS...: what Odoo warns of here is shown and fails.
install() {
    local database=$1 modules=$2 log="$state/install.$1.log"
    shift 2
    odoo_cli -d "$database" -i "$modules" --stop-after-init --no-http --log-level=warn \
        --log-handler=py.warnings:CRITICAL "$@" >"$log" 2>&1 &&
        ! grep -E ' (WARNING|ERROR|CRITICAL) ' "$log" >&2 ||
        { tail -n 30 "$log" >&2; die "$modules did not install cleanly in $database"; }
    rm -f "$log"
}

# prepare_companies DATABASE: charts of accounts that the tests need not load.
prepare_companies() {
    local log="$state/companies.$1.log"
    "$venv/bin/python" -W ignore -m odoo shell -c "$conf" -d "$1" --no-http \
        --log-level=warn <"$here/lib/prepared_companies.py" >"$log" 2>&1 ||
        { tail -n 30 "$log" >&2; die "companies could not be prepared in $1"; }
    rm -f "$log"
}

# make_template NAME MODULES OPTIONS...: a database with l10n_pl and MODULES (commas).
# Debian's wkhtmltopdf cannot convert several documents in one run, hence the parameter.
make_template() {
    local name=$1 modules=l10n_pl,account_debit_note${2:+,$2} key
    shift 2
    key=$(odoo_key)
    exec 8>"$state/templates.lock"
    flock 8
    if [ "$(template_key "$name")" != "$key" ]; then
        say "Preparing database $name (once)"
        drop_database "$name"
        drop_database "$name.part"
        install "$name.part" "$modules" "$@" 8>&-
        pg_psql -d "$name.part" -c "INSERT INTO ir_config_parameter (key, value) VALUES ('account.pdf_generation_batch', '0')"
        mkdir -p "$state/data/filestore/$name.part"
        mv "$state/data/filestore/$name.part" "$state/data/filestore/$name"
        pg_psql -d postgres -c "ALTER DATABASE \"$name.part\" RENAME TO \"$name\"" \
            -c "COMMENT ON DATABASE \"$name\" IS '$key'"
    fi
    exec 8>&-
}
