# Odoo 19 itself: ODOO_HOME, or Debian's package unpacked (never installed).
packages_unstable=(
    odoo-19 libjs-jquery libjs-underscore libjs-jquery-form
    fonts-roboto-unhinted fonts-montserrat
)
packages_own_release=(fonts-font-awesome fonts-inconsolata)

# First mirror of Debian proper that the machine's own apt is set up with: "address release".
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk '$3 == "main" && $1 ~ /\/debian\/?$/ && $2 !~ /-/ { print $1, $2; exit }'
}

# Signatures are checked as ever; only the age is not, since a mirror may be a snapshot.
private_apt() {
    local lists="$state/apt"
    mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
    apt-get -q -o Dir::State::Lists="$lists/lists" -o Dir::Cache="$lists/cache" \
        -o Dir::Etc::sourcelist="$lists/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Acquire::Languages=none -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false "$@"
}

write_private_sources() {
    local mirror=$1 release=$2 options=
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ ! -f "$keyring" ] || options="[signed-by=$keyring] "
    mkdir -p "$state/apt"
    printf 'deb %s%s %s main\n' "$options" "$mirror" unstable "$options" "$mirror" "$release" \
        >"$state/apt/sources.list"
}

fetch_packages() {
    local release=$1 wanted=()
    wanted+=("${packages_unstable[@]/%//unstable}")
    wanted+=("${packages_own_release[@]/%//$release}")
    private_apt update && private_apt download "${wanted[@]}"
}

unpack_debian_odoo() {
    local key mirror release deb
    key=$(echo "${packages_unstable[@]} ${packages_own_release[@]}" | digest)
    stamped "$state/root/.stamp" "$key" && return 0
    command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
        die "this machine has no apt: get Odoo 19 and set ODOO_HOME=/path/to/odoo"
    read -r mirror release < <(debian_mirror) || true
    [ -n "${mirror:-}" ] ||
        die "no Debian mirror in this machine's apt sources: set ODOO_HOME=/path/to/odoo"
    say "Fetching Odoo 19 from Debian unstable (122 MB)"
    rm -rf "$state/root.part" "$state/debs"
    mkdir -p "$state/root.part" "$state/debs"
    write_private_sources "$mirror" "$release"
    (cd "$state/debs" && fetch_packages "$release") >"$state/apt.log" 2>&1 ||
        { tail -n 20 "$state/apt.log" >&2; die "Odoo could not be fetched from $mirror"; }
    for deb in "$state"/debs/*.deb; do dpkg -x "$deb" "$state/root.part"; done
    stamp "$state/root.part/.stamp" "$key"
    rm -rf "$state/root" "$state/debs" "$state/apt"
    mv "$state/root.part" "$state/root"
}

# Debian leaves this file out; Odoo's web client reports each missing file as an error,
# and browser tests fail on it. It blurs the background of video calls.
fill_gaps() {
    local file=$state/root/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib
    file+=/selfie_segmentation/selfie_segmentation.js
    [ -f "$file" ] || { mkdir -p "${file%/*}" && : >"$file"; }
}

# Sets odoo_home: the folder that holds the Python package `odoo`.
find_odoo() {
    if [ -n "${ODOO_HOME:-}" ]; then
        odoo_home=$(cd "$ODOO_HOME" 2>/dev/null && pwd -P) || die "ODOO_HOME: no folder $ODOO_HOME"
        [ -f "$odoo_home/odoo/release.py" ] || die "ODOO_HOME: no Odoo in $odoo_home"
    else
        unpack_debian_odoo
        fill_gaps
        odoo_home="$state/root/usr/lib/python3/dist-packages"
    fi
    grep -q 'version_info = (19, 0' "$odoo_home/odoo/release.py" ||
        die "$odoo_home is not Odoo 19.0"
}
