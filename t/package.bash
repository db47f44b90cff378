# shellcheck shell=bash
# What the tests of installing and of packages share: `load package` stands below
# `load helpers`.

# files PREFIX LIBEXECDIR ZSHDIR: every file that vmm installs, a line each
files() {
  local programs scripts name page
  read -ra programs < <(make_words COMMANDS)
  read -ra scripts < <(make_words SCRIPTED)
  {
    echo "$1/bin/vmm"
    echo "$1/share/applications/vmm.desktop"
    echo "$1/share/icons/hicolor/scalable/apps/vmm.svg"
    echo "$1/share/vmm/sway.conf"
    echo "$3/_vmm"
    echo "$2/vmm/host-words"
    for name in vmm "${programs[@]#cmd/}" "${scripts[@]#cmd/}"; do
      [[ $name == vmm ]] || echo "$2/vmm/$name"
      echo "$1/share/bash-completion/completions/$name"
      echo "$1/share/fish/vendor_completions.d/$name.fish"
    done
    for page in "$VMM_SRCDIR"/man/*; do
      echo "$1/share/man/man${page##*.}/${page##*/}"
    done
  } | LC_ALL=C sort
}

# files_in FOLDER [COMPRESSED]: what is there; with an argument, manual pages by
# the names that they had before they were compressed
files_in() {
  (cd "$1" && find . ! -type d) | sed "s/^\.//${2:+; /\/man\//s/\.gz$//}" |
    LC_ALL=C sort
}

# assert_files ACTUAL EXPECTED: two lists
assert_files() {
  diff <(echo "$1") <(echo "$2") ||
    fail "above: what is there and should not be (<), what is missing (>)"
}

# outside COMMAND...: without what make, and the tests, have in the environment
outside() {
  env -i PATH="${PATH#"$VMM_EXEC_PATH:"}" HOME="$HOME" TMPDIR="$TMPDIR" \
    LC_ALL=C.UTF-8 "$@"
}
