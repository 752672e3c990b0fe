# What the tests need beyond Node and what every Debian has. Sourced by .ci/run.
debian_packages=(
  # For shells, inits and programs of other languages in the process trees under test.
  python3 perl zsh ksh mksh busybox-static tini dumb-init gunicorn nginx-light sudo procps make parallel
  # For resources that are closed for real.
  postgresql redis-server nats-server
  # For a network of a test's own, and its firewall.
  iproute2 iptables
  # For systemd-notify; nothing of it runs.
  systemd
  # runc by name: apt would pick crun, which fails with hybrid cgroups. catatonit is what podman's --init runs.
  podman runc catatonit
  # Node 26 is linked against it.
  libatomic1
)

install_debian_packages() {
  if dpkg -s "${debian_packages[@]}" >/dev/null 2>&1; then
    echo 'all there'
    return 0
  fi
  # The tests start their own servers; a package that starts one at its installation only takes the port.
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && ours=yes
  fi
  local code=0
  apt-get -qq update && apt-get -qq install -y --no-install-recommends "${debian_packages[@]}" || code=$?
  [ -z "$ours" ] || rm -f "$policy"
  return "$code"
}

node_arch() { node -p process.arch; }

# install_node VERSION FOLDER: a node from the npm registry, in a folder of its own.
install_node() {
  npm install --no-save --no-audit --no-fund --prefix "$2/$1" "node-linux-$(node_arch)@$1" &&
    "$2/$1/node_modules/node-linux-$(node_arch)/bin/node" --version
}

# The lowest version that each range in package.json allows.
install_oldest_dependencies() {
  local -a oldest
  mapfile -t oldest < <(node -p "
    Object.entries(require('./package.json').dependencies).map(([name, range]) => name + '@' + range.replace('^', '')).join('\n')")
  npm install --no-save --no-audit --no-fund --ignore-scripts "${oldest[@]}" && npm ls --depth 0 debug pidtree tree-kill
}
