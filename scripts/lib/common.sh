# Sourced by every script: where things lie, and how to talk.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
state="$root/.odoo"
module=l10n_pl_ksef
venv="$state/venv"
conf="$state/odoo.conf"
unset PYTHONHOME PYTHONPATH

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# stamped FILE KEY: true when FILE already holds KEY.
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# stamp FILE KEY: written whole or not at all.
stamp() {
    printf '%s\n' "$2" >"$1.part"
    mv "$1.part" "$1"
}

digest() { sha256sum | cut -c1-16; }
