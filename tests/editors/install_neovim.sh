#!/usr/bin/env bash
# Installs what the tests of the Neovim plugin need, on Debian 12 or later and as root or with sudo:
#
#   $MIDFILL_EDITORS/neovim-0.12/bin/nvim    the newest Neovim 0.12 of Debian forky
#   $MIDFILL_EDITORS/neovim-0.10/bin/nvim    the newest Neovim 0.10 of Debian trixie
#   $MIDFILL_EDITORS/stylua/...              the formatter, from npm
#   tmux, luacheck                           from the system's own packages
#
# MIDFILL_EDITORS is .editors in the repository by default. Does nothing for what is there already.
#
# Debian 12 has Neovim 0.7. Newer ones need a newer libc, so they are unpacked beside the system, with all libraries that
# they need, and find those by the path that patchelf writes into them. The system's own packages stay as they are.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
editors=${MIDFILL_EDITORS:-$root/.editors}
stylua_version=2.5.2
mkdir -p "$editors"
editors=$(cd "$editors" && pwd)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The address of the mirror that this machine installs Debian from already.
mirror() {
    local sites
    sites=$(apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $2 !~ /security/ { print $2 }')
    if [ -z "$sites" ]; then
        echo "apt knows no mirror of Debian: run 'apt-get update' first." >&2
        return 1
    fi
    head -n 1 <<<"$sites"
}

install_packages() {
    local missing=() package
    for package in tmux lua-check patchelf; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    as_root apt-get -q update
    # Another script may be installing at the same time.
    as_root apt-get -q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}"
}

# install_neovim VERSION SUITE
install_neovim() {
    local version=$1 suite=$2 target=$editors/neovim-$1 scratch loader
    [ -x "$target/bin/nvim" ] && return
    scratch=$(mktemp -d "$editors/neovim-$version.XXXXXX")
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/unpacked"
    echo "deb $(mirror) $suite main" >"$scratch/sources.list"
    # With no package installed, apt downloads all that Neovim needs, libc included.
    : >"$scratch/status"
    local apt=(apt-get -q
        -o "Dir::Etc::sourcelist=$scratch/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$scratch/lists" -o "Dir::State::status=$scratch/status" -o "Dir::Cache=$scratch/cache"
        -o Debug::NoLocking=true -o APT::Sandbox::User=root -o Acquire::Languages=none
        -o Acquire::Check-Valid-Until=false)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends --download-only neovim
    local package
    for package in "$scratch"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$scratch/unpacked"
    done
    # Such as lib/x86_64-linux-gnu/ld-linux-x86-64.so.2.
    loader=$(cd "$scratch/unpacked/usr" && echo lib/*/ld-linux*.so.*)
    patchelf --set-interpreter "$target/usr/$loader" \
        --force-rpath --set-rpath "\$ORIGIN/../$(dirname "$loader")" "$scratch/unpacked/usr/bin/nvim"
    mkdir "$scratch/unpacked/bin"
    cat >"$scratch/unpacked/bin/nvim" <<END
#!/bin/sh
VIMRUNTIME='$target/usr/share/nvim/runtime' exec '$target/usr/bin/nvim' "\$@"
END
    chmod +x "$scratch/unpacked/bin/nvim"
    rm -rf "$target"
    mv "$scratch/unpacked" "$target"
    rm -rf "$scratch"
    if ! "$target/bin/nvim" --version | grep -q "^NVIM v${version//./\\.}\\."; then
        echo "Debian $suite has another Neovim than $version by now: $("$target/bin/nvim" --version | head -n 1)" >&2
        rm -rf "$target"
        return 1
    fi
}

install_stylua() {
    local target=$editors/stylua
    [ -x "$target/node_modules/.bin/stylua" ] && return
    mkdir -p "$target"
    # The binary is a package of its own for each system, so nothing is downloaded from elsewhere.
    npm install --prefix "$target" --no-audit --no-fund --no-package-lock --ignore-scripts \
        "@johnnymorganz/stylua-bin@$stylua_version"
}

install_packages
install_neovim 0.12 forky
install_neovim 0.10 trixie
install_stylua
