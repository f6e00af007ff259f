# Virtual environments under .odoo, each keyed by its list of packages.
lists="$root/scripts/requirements"

# make_venv FOLDER LIST...: complete and stamped, or made anew.
make_venv() {
    local folder=$1 key
    shift
    key=$({ echo "$folder"; python3 -VV; cat "$@"; } | digest)
    stamped "$folder/.stamp" "$key" && return 0
    say "Python packages: ${folder#"$root/"}"
    rm -rf "$folder"
    python3 -m venv "$folder"
    local args=() list log="$folder/pip.log"
    for list in "$@"; do args+=(-r "$list"); done
    "$folder/bin/pip" --disable-pip-version-check install -q --prefer-binary "${args[@]}" \
        >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "pip failed: $log"; }
    stamp "$folder/.stamp" "$key"
}

check_python() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        die "Python 3.10 or newer is needed, this is $(python3 -V)"
}

make_odoo_venv() {
    make_venv "$venv" "$lists/odoo.txt" "$lists/odoo-tests.txt"
    local site
    site=$(echo "$venv"/lib/python3*/site-packages)
    stamped "$site/odoo_home.pth" "$odoo_home" || stamp "$site/odoo_home.pth" "$odoo_home"
}

# The sets of versions that the pure tests run on.
pure_sets=(debian12 ubuntu2404 newest)

make_pure_venvs() {
    local set
    for set in "${pure_sets[@]}"; do
        make_venv "$state/venvs/$set" "$lists/$set.txt" "$lists/pure-tests.txt"
    done
}

make_simulator_venv() { make_venv "$state/venvs/simulator" "$lists/simulator.txt"; }

make_check_venv() { make_venv "$state/venvs/check" "$lists/check.txt"; }

make_prettier() {
    local folder="$state/prettier" key
    key=$({ echo "$folder"; node -v; cat "$lists/prettier.txt"; } | digest)
    stamped "$folder/.stamp" "$key" && return 0
    say "Node packages: .odoo/prettier"
    rm -rf "$folder"
    mkdir -p "$folder"
    xargs npm install --prefix "$folder" --no-audit --no-fund --silent \
        <"$lists/prettier.txt" >"$folder/npm.log" 2>&1 ||
        { tail -n 20 "$folder/npm.log" >&2; die "npm failed: $folder/npm.log"; }
    stamp "$folder/.stamp" "$key"
}
