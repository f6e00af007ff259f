# Missing system packages: the only thing that setup changes outside the checkout.

have() { command -v "$1" >/dev/null 2>&1; }

have_postgres_server() {
    have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

have_chromium() { have chromium || have chromium-browser || have google-chrome; }

have_zbar() {
    local libraries
    libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
    [[ $libraries == *libzbar.so.0* ]]
}

have_venv() { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# missing_packages all | odoo: only tests and checks need a browser, xmlsec1 and Node.
missing_packages() {
    have_venv || echo python3 python3-venv
    have_postgres_server || echo postgresql
    have wkhtmltopdf || echo wkhtmltopdf
    have_zbar || echo libzbar0
    have pdftoppm || echo poppler-utils
    [ "$1" = all ] || return 0
    have_chromium || echo chromium
    have xmlsec1 || echo xmlsec1
    { have node && have npm; } || echo nodejs npm
}

install_missing_packages() {
    local packages as_root=()
    packages=$(missing_packages "$1" | tr ' ' '\n' | sort -u | tr '\n' ' ')
    [ -n "${packages// /}" ] || return 0
    have apt-get || die "please install by your system's means: $packages"
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null ||
            die "packages are missing and you are not root (no sudo without password)." \
                "Run: sudo apt-get install --no-install-recommends $packages"
        as_root=(sudo -n)
    fi
    say "Installing system packages: $packages"
    local log="$state/apt.log"
    # A foreign source that does not answer must not stop us; what counts is the install.
    "${as_root[@]}" apt-get update -q >"$log" 2>&1 || true
    # shellcheck disable=SC2086
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends $packages >>"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; die "apt-get could not install: $packages (see $log)"; }
}
