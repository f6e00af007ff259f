# Links that give the checkout the names that Odoo and pytest need, and odoo.conf.

# replace_link TARGET LINK
replace_link() { [ "$(readlink "$2" 2>/dev/null)" = "$1" ] || ln -sfn "$1" "$2"; }

# Odoo names a module by its folder. A folder of links, not one link: Odoo's export of
# translations follows links, and .odoo lies inside the checkout.
link_module() {
    local folder="$state/addons/$module" entry name
    [ ! -L "$folder" ] || rm "$folder"
    mkdir -p "$folder"
    for entry in "$root"/*; do
        name=${entry##*/}
        [ "$name" = __pycache__ ] || replace_link "../../../$name" "$folder/$name"
    done
    for entry in "$folder"/*; do
        [ -e "$entry" ] || rm "$entry"
    done
}

link_pure() {
    mkdir -p "$state/pure"
    local name
    for name in ksef simulator campaign; do
        replace_link "../../$name" "$state/pure/$name"
    done
}

write_odoo_conf() {
    local addons="$odoo_home/odoo/addons"
    [ -d "$addons/account" ] || addons="$addons,$odoo_home/addons"
    mkdir -p "$state/data"
    cat >"$conf.part" <<EOF
[options]
addons_path = $addons,$state/addons
data_dir = $state/data
db_host = $pg_socket
db_port = 5432
db_user = odoo
http_interface = 127.0.0.1
list_db = True
EOF
    cmp -s "$conf.part" "$conf" && rm "$conf.part" || mv "$conf.part" "$conf"
}
