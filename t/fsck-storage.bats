# vmm fsck: files that VMs stand on, found and mended. On real VMs.

load helpers

teardown() {
  [[ ! ${toggling-} ]] || kill "$toggling"
  drop_guests
  rm -rf "$SANDBOX/outside" "${XDG_STATE_HOME:?}/vmm/volumes"
  virsh -q pool-undefine asleep 2>/dev/null || :
}

# old_clone NAME BASE: a linked clone as tools make it that do not pivot
old_clone() {
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/$2.qcow2" -F qcow2 "$SANDBOX_DISKS/overlay.qcow2"
  GUEST_FORMAT=qcow2 guest "$1" /lab
  mv "$SANDBOX_DISKS/overlay.qcow2" "$SANDBOX_DISKS/$1.qcow2"
  virsh -q pool-refresh default
}

# note [-h HEAD] FILE BASE [MARK]...: what a command that died noted, in $note
note() {
  local head
  head=qemu:///$SANDBOX_MODE$'\t'$(virsh -q hostname | head -n1)
  if [[ $1 == -h ]]; then
    head=$2
    shift 2
  fi
  note=$XDG_STATE_HOME/vmm/volumes/note
  mkdir -p "${note%/*}"
  printf '%s\n' "$head" >"$note"
  while (($# > 1)); do
    printf '%s\t%s\n' "$SANDBOX_DISKS/$1" "${2:+$SANDBOX_DISKS/}$2" >>"$note"
    shift 2
  done
}

# mark FILE: notes that it is as it is now
mark() {
  virsh -q pool-refresh default
  printf '%s\t\t%s %s\n' "$SANDBOX_DISKS/$1" \
    "$(virsh vol-dumpxml "$1" default | sed -n 's,.*<mtime>\(.*\)</mtime>,\1,p')" \
    "$(stat -c %s "$SANDBOX_DISKS/$1")" >>"$note"
}

@test "fsck: disks that are as they should be are silence" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  guest plain /lab
  run_vmm clone --linked web1 c1 c2
  run_vmm fsck
  assert_output ""
  assert_stderr_is_empty
}

@test "fsck --repair: a base that a VM could write to gets an overlay, off or running" {
  local sum
  GUEST_FORMAT=qcow2 guest web1 /lab
  old_clone c1 web1
  sum=$(sha256sum <"$SANDBOX_DISKS/web1.qcow2")
  run_vmm 1 fsck
  assert_output $'/lab/web1\tits disk hda, \''"$SANDBOX_DISKS/web1.qcow2', is what '/lab/c1' ('$SANDBOX_DISKS/c1.qcow2') stands on: it would damage that"
  run_vmm fsck --repair
  run_vmm fsck
  assert_output ""
  run_vmm start web1 c1
  console_wait web1 '^2$'
  run_vmm stop --now web1 c1
  assert_equal "$(sha256sum <"$SANDBOX_DISKS/web1.qcow2")" "$sum"

  GUEST_FORMAT=qcow2 up web2 /lab
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web2.qcow2" -F qcow2 "$SANDBOX_DISKS/alone.qcow2"
  run_vmm fsck --repair web2
  assert_match "web2.qcow2', is what '.*alone.qcow2' stands on" "$output"
  assert_goes_on web2
  sum=$(sha256sum <"$SANDBOX_DISKS/web2.qcow2")
  run_vmm stop web2
  forget web2
  run_vmm start web2
  count_wait web2 3
  assert_equal "$(sha256sum <"$SANDBOX_DISKS/web2.qcow2")" "$sum"
}

@test "fsck: what cannot be pivoted stays a problem, and says why" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  old_clone c1 web1
  run_vmm snapshot --name=s web1
  run_vmm 4 fsck --repair web1
  assert_stderr_is_one_line "it has snapshots, .*; 'vmm flatten' makes what stands on its disks independent"
}

@test "fsck: a missing disk, a missing and a broken backing file" {
  GUEST_FORMAT=qcow2 guest gone /lab
  rm "$SANDBOX_DISKS/gone.qcow2"
  GUEST_FORMAT=qcow2 guest base /lab
  old_clone c1 base
  virsh -q undefine base
  mv "$SANDBOX_DISKS/base.qcow2" "$SANDBOX_DISKS/elsewhere"
  run_vmm 1 fsck
  assert_line $'/lab/gone\tits disk hda, \''"$SANDBOX_DISKS/gone.qcow2', is not there"
  assert_line $'/lab/c1\tits disk hda, \''"$SANDBOX_DISKS/c1.qcow2', stands on '$SANDBOX_DISKS/base.qcow2', which is not there"
  echo rubbish >"$SANDBOX_DISKS/base.qcow2"
  run_vmm 1 fsck --repair c1
  assert_output $'/lab/c1\tits disk hda, \''"$SANDBOX_DISKS/c1.qcow2', stands on '$SANDBOX_DISKS/base.qcow2', which is no qcow2"
}

@test "fsck: a missing backing file outside every pool" {
  mkdir "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest base /lab
  old_clone c1 base
  virsh -q undefine base
  mv "$SANDBOX_DISKS/base.qcow2" "$SANDBOX/outside"
  qemu-img rebase -u -b "$SANDBOX/outside/base.qcow2" -F qcow2 "$SANDBOX_DISKS/c1.qcow2"
  run_vmm fsck
  assert_output ""
  rm "$SANDBOX/outside/base.qcow2"
  run_vmm 1 fsck
  assert_match "stands on '$SANDBOX/outside/base.qcow2', which is not there" "$output"
  rmdir "$SANDBOX/outside"
  run_vmm 1 fsck
  assert_match "stands on '$SANDBOX/outside/base.qcow2', which is not there" "$output"
}

@test "fsck: an overlay that no VM has is found, and not touched" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  old_clone c1 web1
  virsh -q undefine c1
  virsh -q undefine web1
  run_vmm 1 fsck --repair
  assert_match "^$SANDBOX_DISKS/c1.qcow2	it is an overlay that no VM has" "$output"
  test -e "$SANDBOX_DISKS/c1.qcow2"
}

@test "fsck --repair: an overlay that libvirt had only begun is told, and kept" {
  local note
  GUEST_FORMAT=qcow2 guest web1 /lab
  : >"$SANDBOX_DISKS/web1-hda-0badcafe.qcow2"
  virsh -q pool-refresh default
  note web1-hda-0badcafe.qcow2 ''
  run_vmm 1 fsck --repair
  assert_match "^$SANDBOX_DISKS/web1-hda-0badcafe.qcow2	it is needed by nobody: a command that was cut short may have left it"
  test -e "$SANDBOX_DISKS/web1-hda-0badcafe.qcow2"
}

@test "fsck --repair: frees what a command left, and not what somebody needs by now" {
  local note
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/left.qcow2"
  echo keep >"$SANDBOX_DISKS/other.qcow2"
  virsh -q pool-refresh default
  note left.qcow2 web1.qcow2 web1.qcow2 '' other.qcow2 web1.qcow2 never.qcow2 ''
  printf '%s/cut' "$SANDBOX_DISKS" >>"$note"
  run_vmm 1 fsck
  assert_line "$SANDBOX_DISKS/left.qcow2"$'\tit is needed by nobody: a clone, flatten or rm left it'
  run_vmm 1 fsck --repair
  test ! -e "$SANDBOX_DISKS/left.qcow2"
  test -e "$SANDBOX_DISKS/web1.qcow2"
  # not what stands on that base: somebody else's
  assert_equal "$(<"$SANDBOX_DISKS/other.qcow2")" keep
  assert_line "$SANDBOX_DISKS/other.qcow2"$'\tit is needed by nobody: a command that was cut short may have left it; unless a running VM writes to it \'virsh vol-delete\' may delete it'
  virsh -q vol-delete other.qcow2 default
  run_vmm fsck --repair
  assert_output ""
  test ! -e "$note"
}

@test "fsck --repair: deletes a file only while it is the one that was noted" {
  local note
  for file in same changed larger unmarked; do
    echo data >"$SANDBOX_DISKS/$file.img"
  done
  note same.img '' changed.img '' larger.img '' unmarked.img ''
  mark same.img
  mark changed.img
  mark larger.img
  touch -d '1 hour ago' "$SANDBOX_DISKS/changed.img"
  echo more >>"$SANDBOX_DISKS/larger.img"
  touch -d "@$(sed -n 's,.*/larger.img\t\t\(.*\) .*,\1,p' "$note")" "$SANDBOX_DISKS/larger.img"
  run_vmm 1 fsck --repair
  test ! -e "$SANDBOX_DISKS/same.img"
  for file in changed larger unmarked; do
    test -e "$SANDBOX_DISKS/$file.img"
    assert_match "^$SANDBOX_DISKS/$file.img	it is needed by nobody: .* may have left it" "$output"
  done
  assert_equal "$(grep -c same.img "$note" || :)" 0
  assert_equal "$(grep -c changed.img "$note")" 1
}

@test "fsck --repair: a copy is marked when it is whole" {
  local note
  guest web1 /lab
  dd if=/dev/urandom of="$SANDBOX_DISKS/web1.img" bs=1M seek=1 count=100 conv=notrunc status=none
  virsh -q pool-refresh default
  # stopped before the second disk is there
  virsh -q attach-disk web1 "$SANDBOX_DISKS/big.img" vdb --driver qemu --subdriver raw --config
  dd if=/dev/urandom of="$SANDBOX_DISKS/big.img" bs=1M count=1000 status=none
  virsh -q pool-refresh default
  "$VMM_EXEC_PATH/vmm-clone" web1 c1 3>&- &
  local clone=$!
  wait_until 20 test -e "$SANDBOX_DISKS/c1-vdb.img"
  kill -9 "$clone"
  wait "$clone" || :
  wait_until 30 virsh -q pool-refresh default
  run_vmm 1 fsck --repair
  assert_line "$SANDBOX_DISKS/c1-hda.img"$'\tit is needed by nobody: a clone, flatten or rm left it'
  assert_match "^$SANDBOX_DISKS/c1-vdb.img	.* may have left it" "$output"
  test ! -e "$SANDBOX_DISKS/c1-hda.img"
}

@test "fsck: what a living command works on is nobody else's" {
  local note held
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/left.qcow2"
  virsh -q pool-refresh default
  note left.qcow2 web1.qcow2
  cp "$note" "$note-2"
  exec {held}<"$note-2"
  flock -x "$held"
  run_vmm fsck --repair
  assert_output $'/lab/web1\tits disk hda, \''"$SANDBOX_DISKS/web1.qcow2', is what '$SANDBOX_DISKS/left.qcow2' stands on: it would damage that"
  test -e "$SANDBOX_DISKS/left.qcow2"
  exec {held}<&-
}

@test "clone: voids what a dead command noted of the same file" {
  local note
  GUEST_FORMAT=qcow2 guest web1 /lab
  note c1-hda.qcow2 web1.qcow2 other.qcow2 ''
  run_vmm clone --linked web1 c1
  assert_equal "$(grep -c c1-hda "$note" || :)" 0
  assert_equal "$(grep -c other "$note")" 1
}

@test "fsck: a look, and a pool that cannot be read, forget nothing" {
  local note
  echo junk >"$SANDBOX_DISKS/left.img"
  note left.img '' never.img ''
  virsh -q pool-destroy default
  run_vmm fsck --repair
  virsh -q pool-start default
  assert_equal "$(grep -c -e left.img -e never.img "$note")" 2
  run_vmm 1 fsck
  assert_equal "$(grep -c -e left.img -e never.img "$note")" 2
  run_vmm 1 fsck --repair
  assert_equal "$(sed 1d "$note")" "$SANDBOX_DISKS/left.img"$'\t'
}

@test "fsck: notes of another host are left alone, though its URI is the same" {
  local note head
  GUEST_FORMAT=qcow2 guest web1 /lab
  for head in qemu+ssh://far/system "qemu:///$SANDBOX_MODE"$'\tfar'; do
    echo keep >"$SANDBOX_DISKS/left.img"
    note -h "$head" left.img ''
    mark left.img
    run_vmm fsck --repair
    assert_output ""
    test -e "$SANDBOX_DISKS/left.img"
    test -e "$note"
  done
}

@test "fsck: a pool that is not active is a warning, and nothing in it is missed" {
  mkdir "$SANDBOX/outside"
  virsh -q pool-define-as asleep dir --target "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  virsh -q dumpxml web1 | sed "s,$SANDBOX_DISKS,$SANDBOX/outside," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm fsck
  assert_output ""
  assert_stderr_is_one_line "warning: the storage pool 'asleep' cannot be read: it is not active"
}

@test "fsck --repair: what QEMU writes to, and libvirt forgot, is what the next start uses" {
  local at config state
  GUEST_FORMAT=qcow2 up web1 /lab
  cat >"$BATS_TEST_TMPDIR/overlay" <<END
<domainsnapshot><disks><disk name='hda' snapshot='external' type='file'>
<driver type='qcow2'/><source file='$SANDBOX_DISKS/new.qcow2'/></disk></disks></domainsnapshot>
END
  # QEMU moves on to the overlay, and libvirtd has not written that down: as
  # where it is killed in the middle
  config=$SANDBOX/etc/libvirt/qemu/web1.xml
  state=$(find "$SANDBOX/run/libvirt/qemu" -name web1.xml)
  cp "$config" "$BATS_TEST_TMPDIR/config"
  cp "$state" "$BATS_TEST_TMPDIR/state"
  virsh -q snapshot-create web1 "$BATS_TEST_TMPDIR/overlay" --disk-only --no-metadata >/dev/null
  daemon kill
  cat "$BATS_TEST_TMPDIR/config" >"$config"
  cat "$BATS_TEST_TMPDIR/state" >"$state"
  daemon start
  assert_equal "$(virsh -q domblklist web1 | awk '{ print $2 }')" "$SANDBOX_DISKS/web1.qcow2"
  at=$(console_count web1)
  assert_goes_on web1
  run_vmm 1 fsck web1
  assert_output $'/lab/web1\tit may be writing its disk hda to \''"$SANDBOX_DISKS/new.qcow2', while libvirt was killed and has it on '$SANDBOX_DISKS/web1.qcow2': the next start would lose that"
  # QEMU knows better than to link it
  run_vmm 1 clone --linked web1 c1
  run_vmm fsck --repair web1
  assert_goes_on web1
  run_vmm stop web1
  assert_equal "$(virsh -q domblklist web1 | awk '{ print $2 }')" "$SANDBOX_DISKS/new.qcow2"
  (($(disk_count new) >= at))
  run_vmm fsck
  assert_output ""
}

@test "fsck --repair: frees no file while something cannot be read" {
  local note
  mkdir "$SANDBOX/outside"
  virsh -q pool-define-as asleep dir --target "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/left.qcow2"
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/left.qcow2" -F qcow2 "$SANDBOX/outside/needs.qcow2"
  virsh -q pool-refresh default
  note left.qcow2 web1.qcow2
  run_vmm 1 fsck --repair
  assert_match "^$SANDBOX_DISKS/left.qcow2	" "$output"
  assert_match "no file is freed, for not everything could be read" "$stderr"
  test -e "$SANDBOX_DISKS/left.qcow2"
  test -e "$note"
}

@test "fsck: a folder that turns out to be unreadable is status 1, with operands too" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  [[ $SANDBOX_MODE == session ]] || skip "needs an ordinary user: root may read everything"
  mkdir "$SANDBOX/outside"
  cp "$SANDBOX_DISKS/web1.qcow2" "$SANDBOX/outside/base.qcow2"
  qemu-img rebase -u -b "$SANDBOX/outside/base.qcow2" -F qcow2 "$SANDBOX_DISKS/web1.qcow2"
  virsh -q pool-refresh default
  chmod 311 "$SANDBOX/outside" # its files may be opened, and not listed
  run_vmm 1 fsck web1
  chmod 755 "$SANDBOX/outside"
  assert_stderr_is_one_line "^vmm-fsck: warning: the folder '$SANDBOX/outside' cannot be read: "
}

@test "fsck: however the path of a backing file is spelt" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  old_clone c1 web1
  qemu-img rebase -u -b "$SANDBOX_DISKS//./web1.qcow2" -F qcow2 "$SANDBOX_DISKS/c1.qcow2"
  virsh -q pool-refresh default
  run_vmm 1 fsck
  assert_stderr_is_empty
  assert_match "is what '/lab/c1' .* stands on" "$output"
}

@test "fsck: a disk that a VM runs with, or would go back to, and others stand on" {
  GUEST_FORMAT=qcow2 up web1 /lab
  GUEST_FORMAT=qcow2 guest web2 /lab
  run_vmm clone --linked web2 c2
  # its own overlays are its own
  virsh -q snapshot-create-as web1 s1 --disk-only --diskspec "hda,file=$SANDBOX_DISKS/s1.qcow2" >/dev/null
  run_vmm fsck
  assert_output ""
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/x.qcow2"
  run_vmm 1 fsck --repair web1
  assert_output $'/lab/web1\ta snapshot or saved state of it has \''"$SANDBOX_DISKS/web1.qcow2', which '$SANDBOX_DISKS/x.qcow2' stands on: it would damage that"
  virsh -q snapshot-delete web1 s1 --metadata
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/s1.qcow2" -F qcow2 "$SANDBOX_DISKS/y.qcow2" -u 1M
  virsh -q dumpxml --inactive web1 | sed "s,s1.qcow2,other.qcow2," >"$BATS_TEST_TMPDIR/xml"
  qemu-img create -q -f qcow2 "$SANDBOX_DISKS/other.qcow2" 1M
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm 1 fsck --repair web1
  assert_output $'/lab/web1\tit runs on \''"$SANDBOX_DISKS/s1.qcow2', which '$SANDBOX_DISKS/y.qcow2' stands on, though it will start with another disk: it damages that"
}

@test "fsck: a shared disk that others stand on cannot be mended" {
  guest web1 /lab
  virsh -q dumpxml web1 | sed "s,<target dev='hda',<shareable/>&," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.img" -F raw "$SANDBOX_DISKS/x.qcow2"
  run_vmm 1 fsck --repair web1
  assert_output $'/lab/web1\tits disk hda, \''"$SANDBOX_DISKS/web1.img', which is shared, is what '$SANDBOX_DISKS/x.qcow2' stands on: it would damage that"
}

@test "fsck: of backing files in the network and of devices nothing is said" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img create -q -u -f qcow2 -b nbd://127.0.0.1:10809/x -F raw "$SANDBOX_DISKS/web1.qcow2" 1M
  GUEST_FORMAT=qcow2 guest web2 /lab
  qemu-img create -q -u -f qcow2 -b /dev/null -F raw "$SANDBOX_DISKS/web2.qcow2" 1M
  virsh -q pool-refresh default
  run_vmm fsck
  assert_output ""
}

@test "fsck: a file is not another one for its name, but for a symlink" {
  local sum
  mkdir "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  cp -p "$SANDBOX_DISKS/web1.qcow2" "$SANDBOX/outside"
  qemu-img create -q -f qcow2 -b "$SANDBOX/outside/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/x.qcow2"
  run_vmm fsck web1
  assert_output ""
  rm "$SANDBOX/outside/web1.qcow2"
  run_vmm fsck --repair web1
  assert_output ""
  ln -s "$SANDBOX_DISKS/web1.qcow2" "$SANDBOX/outside"
  run_vmm 1 fsck web1
  assert_match "is what '$SANDBOX_DISKS/x.qcow2' stands on" "$output"
  rm -r "$SANDBOX/outside"
  ln -s disks "$SANDBOX/outside"
  run_vmm 1 fsck web1
  assert_match "'$SANDBOX_DISKS/x.qcow2', .* stands on" "$output"
}

@test "fsck --repair: an overlay that libvirt forgot for the next start only" {
  GUEST_FORMAT=qcow2 up web1 /lab
  cat >"$BATS_TEST_TMPDIR/overlay" <<END
<domainsnapshot><disks><disk name='hda' snapshot='external' type='file'>
<driver type='qcow2'/><source file='$SANDBOX_DISKS/new.qcow2'/></disk></disks></domainsnapshot>
END
  virsh -q snapshot-create web1 "$BATS_TEST_TMPDIR/overlay" --disk-only --no-metadata >/dev/null
  # as where libvirtd is killed between the one file of its own and the other
  virsh -q dumpxml --inactive web1 | sed -e 's,/new.qcow2,/web1.qcow2,' -e '/<backingStore/,/<\/backingStore>/d' >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm 1 fsck
  assert_output $'/lab/web1\tit writes its disk hda to \''"$SANDBOX_DISKS/new.qcow2', but will start with '$SANDBOX_DISKS/web1.qcow2' again, and lose that"
  run_vmm fsck --repair
  run_vmm fsck
  assert_output ""
  run_vmm stop web1
  assert_equal "$(virsh -q domblklist web1 | awk '{ print $2 }')" "$SANDBOX_DISKS/new.qcow2"
}

# disguise VM VICTIM: the guest VM writes into its raw disk what looks like an
# overlay on the disk of VICTIM
disguise() {
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/$2.qcow2" -F qcow2 "$SANDBOX/fake"
  dd if="$SANDBOX/fake" of="$SANDBOX_DISKS/$1.img" conv=notrunc status=none
  rm "$SANDBOX/fake"
  virsh -q pool-refresh default
  assert_match "<path>$SANDBOX_DISKS/$2.qcow2</path>" \
    "$(virsh vol-dumpxml "$1.img" default | sed -n '/<backingStore>/,$p')"
}

@test "fsck, revert, snapshot, flatten, rm: what a guest writes into its raw disk is no header" {
  GUEST_FORMAT=qcow2 guest victim /lab
  run_vmm snapshot --name=s victim
  guest evil /lab
  disguise evil victim
  run_vmm fsck --repair
  assert_output ""
  assert_stderr_is_empty
  assert_equal "$(ls "$SANDBOX_DISKS")" $'evil.img\nvictim.qcow2'
  run_vmm ls -o base /lab/evil
  assert_output "-"
  run_vmm info evil
  refute_match victim
  run_vmm flatten -v evil
  refute_match victim
  run_vmm revert victim
  run_vmm snapshot --delete=s victim
  run_vmm flatten victim
  # not even while both go, in whatever order
  run_vmm rm --disks --dry-run evil victim
  run_vmm rm --disks evil victim
  assert_equal "$(ls "$SANDBOX_DISKS")" ""
}

@test "fsck: a raw disk that another VM calls qcow2 does stand on what it says" {
  GUEST_FORMAT=qcow2 guest victim /lab
  guest evil /lab
  disguise evil victim
  virsh -q dumpxml evil | sed -e "s,type='raw',type='qcow2'," -e 's,<name>evil,<name>other,' \
    -e /uuid/d >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm 4 rm --disks victim
  assert_stderr_is_one_line "is needed by '/lab/(evil|other)'"
  run_vmm 1 fsck victim
  assert_match "'$SANDBOX_DISKS/victim.qcow2', is what '/lab/(evil|other)' .* stands on" "$output"
}

@test "fsck: a raw base is raw, whatever it looks like" {
  GUEST_FORMAT=qcow2 guest victim /lab
  guest evil /lab
  run_vmm clone --linked evil c1
  disguise evil victim
  run_vmm fsck
  assert_output ""
  run_vmm ls -o base c1
  assert_output "$SANDBOX_DISKS/evil.img"
  run_vmm rm --disks victim
  run_vmm fsck
  assert_output ""
}

@test "fsck: a pool that another command had for the time may be gone by now" {
  mkdir "$SANDBOX/outside"
  guest web1 /lab
  for _ in {1..2000}; do
    echo "pool-create-as vmm-0 dir --target $SANDBOX/outside"
    echo "pool-destroy vmm-0"
  done >"$BATS_TEST_TMPDIR/toggle"
  (close_fds && exec virsh -q <"$BATS_TEST_TMPDIR/toggle" &>/dev/null) &
  toggling=$!
  for _ in {1..5}; do
    run_vmm fsck
    assert_stderr_is_empty
  done
}
