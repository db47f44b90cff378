# The packages, really built and, of Debian's, installed in a clean root (t/root),
# used there and removed. make install, from which both are made, is install.bats'.
#
# check: package: it builds all three times more and installs a root; t/packaged says
# when it is run with the rest.

load helpers
load package

# What takes longest is built here, where a test's time does not run yet; how it
# went, the tests say.
setup_file() {
  if [[ ${VMM_SANITIZERS-} != yes ]] && type -P dpkg-buildpackage dh >/dev/null; then
    debs &>/dev/null || :
  fi
}

# ---- what is built, once ------------------------------------------------------

# release_only: packages are the same whatever the build is that is under test
release_only() {
  [[ ${VMM_SANITIZERS-} != yes ]] ||
    skip "packages have no sanitizers: the run without them builds these very ones"
}

# need PROGRAM...
need() {
  local program
  for program; do
    type -P "$program" >/dev/null || skip "$program is not installed"
  done
}

# once NAME COMMAND...: for the first test that needs it; others share what came
# of it
once() {
  local log=$BATS_FILE_TMPDIR/$1.log ended=0
  shift
  if [[ ! -e $log.status ]]; then
    "$@" &>"$log" || ended=$?
    echo "$ended" >"$log.status"
  fi
  [[ $(<"$log.status") == 0 ]] || fail "failed: $*" "$(tail -n 40 "$log")"
}

# sources FOLDER: what is distributed
sources() {
  outside make -s -C "$VMM_BUILDDIR" distdir distdir="$1"
}

# debs: the Debian packages, in $debs
debs() {
  release_only
  need dpkg-buildpackage dh
  debs=$BATS_FILE_TMPDIR/debian
  once debian build_debs
}

# The unit tests run beside this one already.
build_debs() {
  mkdir "$debs" && sources "$debs/vmm" && cd "$debs/vmm" &&
    outside env DEB_BUILD_OPTIONS='nocheck noautodbgsym' \
      dpkg-buildpackage -us -uc -b
}

# ---- the clean root -----------------------------------------------------------

# clean_root: with the Debian packages in its /tmp, in $root
clean_root() {
  debs
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a chroot"
  [[ -r $SANDBOX_CACHE/root/root.tar ]] ||
    skip "the clean root is not in '$SANDBOX_CACHE/root': t/root"
  root=$BATS_FILE_TMPDIR/root
  once root unpack_root
}

# The desktop's dependencies are most of a desktop: this stands in for them.
unpack_root() {
  local stand_in=$BATS_FILE_TMPDIR/stand-in
  mkdir -p "$root" "$stand_in/DEBIAN" &&
    tar -C "$root" -xf "$SANDBOX_CACHE/root/root.tar" &&
    cat >"$stand_in/DEBIAN/control" <<'END' &&
Package: stand-in
Version: 1
Architecture: all
Maintainer: The vmm authors <vmm@example.org>
Provides: libnotify-bin, virt-viewer, wofi
Description: what the menu on a desktop needs, to dpkg
END
    dpkg-deb --root-owner-group -b "$stand_in" "$root/tmp/stand-in.deb" &&
    cp "$debs"/*.deb "$root/tmp" &&
    tree_of "$root" >"$BATS_FILE_TMPDIR/before"
}

# in_root COMMAND...
in_root() {
  # shellcheck disable=SC2016 # for the inner shell
  unshare -m bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" \
    /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"' "$root" "$@"
}

# apt COMMAND...: in the clean root
apt() {
  in_root apt-get -qq -y --no-install-recommends "$@"
}

# tree_of FOLDER: what is there, but for the notes of apt and dpkg about the past
tree_of() {
  (cd "$1" && find . \( -path ./tmp -o -path ./proc -o -path ./var/log -o \
    -path ./var/cache -o -path './var/lib/dpkg/*-old' -o \
    -path ./var/lib/apt/extended_states \) -prune -o \
    ! -path ./var/lib/dpkg ! -path ./var/lib/apt -printf '%p %y %m %l\n') | LC_ALL=C sort
}

# installed_root: the clean root, with both packages and bash-completion
installed_root() {
  clean_root
  once install install_debs
}

# Shell patterns are of no use to apt.
install_debs() {
  apt install "$(deb vmm-libvirt)" "$(deb vmm-libvirt-desktop)" \
    /tmp/stand-in.deb bash-completion
}

# deb PACKAGE: its file, as the clean root has it
deb() {
  local file
  for file in "$debs/$1"_*.deb; do
    echo "/tmp/${file##*/}"
  done
}

# ---- Debian -------------------------------------------------------------------

@test "package: lintian finds nothing in Debian's, built from what is distributed" {
  debs
  need lintian
  run outside lintian --allow-root --display-info "$debs"/*.changes
  assert_output ""
  assert_equal "$status" 0
}

@test "package: Debian's is two, and every file is in one of them, in its place" {
  local all main=$BATS_TEST_TMPDIR/main desktop=$BATS_TEST_TMPDIR/desktop
  local doc=/usr/share/doc/vmm-libvirt
  debs
  dpkg-deb -x "$debs"/vmm-libvirt_*.deb "$main"
  dpkg-deb -x "$debs"/vmm-libvirt-desktop_*_all.deb "$desktop"
  all=$(files /usr /usr/libexec /usr/share/zsh/vendor-completions)
  assert_files "$(files_in "$main" compressed)" "$(LC_ALL=C sort <(
    grep -vE '^/usr/share/(applications|icons|vmm)/' <<<"$all"
    printf '%s\n' "$doc"/{README.md.gz,changelog.gz,copyright}
  ))"
  assert_files "$(files_in "$desktop")" "$(LC_ALL=C sort <(
    grep -E '^/usr/share/(applications|icons|vmm)/' <<<"$all"
    printf '%s\n' "$doc-desktop"/{changelog.gz,copyright}
  ))"
}

@test "package: Debian has all that they depend on or recommend" {
  local package
  clean_root
  run -0 apt --install-recommends -s install "$(deb vmm-libvirt)" \
    "$(deb vmm-libvirt-desktop)"
  output=$(sed -n 's/^Inst \([^ ]*\).*/\1/p' <<<"$output")
  for package in vmm-libvirt libvirt0 fzf libvirt-daemon-system openssh-client \
    vmm-libvirt-desktop libnotify-bin virt-viewer wofi foot virt-manager; do
    assert_line "$package"
  done
}

@test "package: Debian's, installed in a clean root, works" {
  local command commands
  installed_root
  run -0 in_root dpkg-query -W -f '${Package} ${db:Status-Status}\n' 'vmm-*'
  assert_output "vmm-libvirt installed
vmm-libvirt-desktop installed"
  run_vmm --version
  assert_equal "$(in_root vmm --version)" "$output"
  run -0 in_root vmm -c test:///default ls
  assert_output "/test"
  run_vmm --list-cmds
  commands=$output
  run -0 in_root vmm --list-cmds
  assert_output "$commands"
  # shellcheck disable=SC2016 # for the inner shell
  run -0 in_root sh -c 'for command; do vmm "$command" --version; done' - $commands
  for command in $commands; do
    assert_match "^vmm-$command "
  done
}

@test "package: in the clean root its manual is the one that was written" {
  local page file
  installed_root
  for page in "$VMM_SRCDIR"/man/*; do
    file=$root/usr/share/man/man${page##*.}/${page##*/}.gz
    cmp "$page" <(gzip -dc "$file") || fail "not the same: $page"
  done
}

@test "package: in the clean root bash completes, for it finds the file by itself" {
  installed_root
  # shellcheck disable=SC2016 # for that bash
  # its cache in /tmp, for nothing may be left
  run -0 in_root env XDG_CACHE_HOME=/tmp/cache bash -c '
    . /usr/share/bash-completion/bash_completion
    loader=$(complete -p -D | sed "s/.* -F \([^ ]*\).*/\1/")
    "$loader" vmm
    [[ $(complete -p vmm) == *" -F _vmm vmm" ]] || exit
    COMP_LINE="vmm -c test:///default info te" COMP_POINT=${#COMP_LINE}
    _vmm 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"'
  assert_output "test"
}

@test "package: where Debian's has them, zsh and fish look for completions" {
  local contents
  debs
  need zsh fish
  contents=$(dpkg-deb -c "$debs"/vmm-libvirt_*.deb)
  output=$(zsh -d -f -c 'print -l $fpath')
  assert_line "$(sed -n 's/.* \.\(.*\)\/_vmm$/\1/p' <<<"$contents")"
  output=$(env -u XDG_DATA_DIRS fish -c 'printf "%s\n" $fish_complete_path')
  assert_line "$(sed -n 's/.* \.\(.*\)\/vmm\.fish$/\1/p' <<<"$contents")"
}

@test "package: in the clean root the desktop's entry finds its program and icon" {
  local entry name
  installed_root
  entry=$(<"$root/usr/share/applications/vmm.desktop")
  name=$(sed -n 's/^TryExec=//p' <<<"$entry")
  assert_equal "$(in_root which "$name")" "/usr/bin/$name"
  name=$(sed -n 's/^Icon=//p' <<<"$entry")
  assert_match "<svg" "$(<"$root/usr/share/icons/hicolor/scalable/apps/$name.svg")"
}

@test "package: removed, nothing of Debian's is left in the clean root" {
  installed_root
  # else that nothing is left says nothing
  run -1 diff <(tree_of "$root") "$BATS_FILE_TMPDIR/before"
  assert_match "^< ./usr/bin/vmm "
  apt purge --autoremove vmm-libvirt vmm-libvirt-desktop stand-in bash-completion
  diff <(tree_of "$root") "$BATS_FILE_TMPDIR/before"
  run ! in_root dpkg-query -W 'vmm-libvirt*'
}

# ---- Arch ---------------------------------------------------------------------

@test "package: Arch's is built by makepkg, with every file in its place" {
  local arch=$BATS_FILE_TMPDIR/arch package=$BATS_TEST_TMPDIR/package name
  release_only
  need makepkg bsdtar git
  once makepkg build_arch
  mkdir "$package"
  bsdtar -C "$package" -xf "$arch"/arch/vmm-*.pkg.tar
  assert_files "$(files_in "$package" compressed | grep -v '^/\.')" "$(LC_ALL=C sort <(
    files /usr /usr/lib /usr/share/zsh/site-functions
    echo /usr/share/licenses/vmm/LICENSE
  ))"
  output=$(<"$package/.PKGINFO")
  for name in libvirt libxml2 popt; do
    assert_line "depend = $name"
  done
}

# It will not be root's, and asks pacman what is installed: no matter here.
build_arch() {
  local as=()
  sources "$arch" && compiler "$arch/cc" &&
    git -C "$arch" init -q && git -C "$arch" add -A || return
  if ((EUID == 0)); then
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    chown -R nobody:nogroup "$arch" && open_to_all "$arch" || return
  fi
  # shellcheck disable=SC2016 # for the inner shell
  outside HOME="$arch" TMPDIR="$arch" CC="$arch/cc" PACMAN=true PKGEXT=.pkg.tar \
    "${as[@]}" bash -c 'cd "$1/arch" && makepkg -d --nocheck' - "$arch"
}

# compiler FILE: one that takes objects and programs of the build under test; all
# but vmm, which knows where the others are. PKGBUILD is tested, not the compiler.
compiler() {
  cat >"$1" <<END
#!/bin/bash
depends=/dev/null
for ((i = 1; i < \$#; i++)); do
  j=\$((i + 1))
  case \${!i} in
    -o) made=\${!j} ;;
    -MF) depends=\${!j} ;;
  esac
done
[[ \$made && \$made != cmd/vmm && " \$* " != *VMM_EXEC_DIR* &&
  -r $VMM_BUILDDIR/\$made ]] || exec gcc "\$@"
: >"\$depends"
exec cp $VMM_BUILDDIR/"\$made" "\$made"
END
  chmod 755 "$1"
}

# open_to_all FOLDER: others can go to it, as far as the sandbox goes
open_to_all() {
  local dir=$1
  while [[ $dir == "$SANDBOX"* ]]; do
    chmod go+x "$dir"
    dir=${dir%/*}
  done
}
