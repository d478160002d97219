#!/usr/bin/env bash
# Tools that a fresh machine needs before any of our TypeScript runs. Sourced by scripts/quickstart and scripts/test; runs with bash 3.2 (macOS) too.
# Each function says in one line what is missing and how to get it, and fails.

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Prints to stderr: stdout is for results.
say() { printf '%s\n' "$*" >&2; }

# The least Node, the first that loads every package we use, stands in package.json. It works, but 22 is what we name: Node 20 ended in April 2026.
require_node() {
  if ! command -v node >/dev/null; then
    say "Node.js is missing: install 22 or later (https://nodejs.org/en/download)"
    return 1
  fi
  local compare='const [major, minor] = process.versions.node.split(".").map(Number);
    const [least, minorOfLeast] = require(process.argv[1]).engines.node.match(/\d+/g).map(Number);
    process.exit(major > least || (major === least && minor >= minorOfLeast) ? 0 : 1)'
  if ! node -e "$compare" "$project_root/package.json"; then
    say "Node.js $(node --version) is too old: install 22 or later (https://nodejs.org/en/download)"
    return 1
  fi
}

# Python 3.11 or later with venv: moto, the emulated AWS, runs on it, and its pinned packages take no older one.
require_python() {
  if ! command -v python3 >/dev/null; then
    say "Python is missing: install 3.11 or later as python3 (https://www.python.org/downloads/)"
    return 1
  fi
  if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$(python3 --version) is too old: install 3.11 or later (https://www.python.org/downloads/)"
    return 1
  fi
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    say "Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv"
    return 1
  fi
}

# npm packages as the lock file has them; nothing to do when they are there already.
install_npm_packages() {
  local stamp=$project_root/node_modules/.docker-cache-lock
  if cmp -s "$project_root/package-lock.json" "$stamp"; then
    return 0
  fi
  say "installing npm packages (about a minute)"
  (cd "$project_root" && npm ci --no-audit --no-fund --loglevel=error >&2)
  cp "$project_root/package-lock.json" "$stamp"
}

# A tool that none of our packages brings, if there is no apt.
require_tool() {
  if ! command -v "$1" >/dev/null; then
    say "$1 is missing: install it (with Homebrew: brew install $1)"
    return 1
  fi
}

# Debian packages, by apt if that is possible, else one line that names them.
require_debian_packages() {
  local missing=() package
  for package in "$@"; do
    if ! dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$'; then
      missing+=("$package")
    fi
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    return 0
  fi
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "missing packages: install ${missing[*]} (on Debian and Ubuntu: sudo apt-get install ${missing[*]})"
    return 1
  fi
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >&2
}
