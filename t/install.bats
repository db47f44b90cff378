# make install and make uninstall: every file in its place, and none left.
#
# check: release: it tests make, not what is made

load helpers
load package

@test "install: make install DESTDIR= installs all, make uninstall leaves nothing" {
  local to=$BATS_TEST_TMPDIR/to dirs
  dirs=(DESTDIR="$to" prefix=/usr libexecdir=/usr/libexec)
  outside make -s -C "$VMM_BUILDDIR" install "${dirs[@]}" >/dev/null
  assert_files "$(files_in "$to")" \
    "$(files /usr /usr/libexec /usr/share/zsh/site-functions)"
  outside make -s -C "$VMM_BUILDDIR" uninstall "${dirs[@]}" >/dev/null
  assert_files "$(files_in "$to")" ""
}

@test "install: Debian's, Arch's and vmm itself are of one version" {
  local version
  run_vmm --version
  version=${output##* }
  assert_match "^vmm-libvirt \($version\) " "$(head -n 1 "$VMM_SRCDIR/debian/changelog")"
  assert_match "^pkgver=$version$" "$(<"$VMM_SRCDIR/arch/PKGBUILD")"
}
