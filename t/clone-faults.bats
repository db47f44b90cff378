# What is left when vmm clone or libvirtd is killed in the middle: the source
# boots, its data is whole, and vmm fsck lists whatever nobody needs.
#
# check: release: whoever is killed tells no leaks, and what libvirtd does is the same

load helpers

teardown() {
  drop_guests
  rm -rf "${XDG_STATE_HOME:?}/vmm/volumes"
}

# clones: how many of c1, c2 and c3 libvirt has on disk
clones() {
  compgen -G "$SANDBOX/etc/libvirt/qemu/c[123].xml" | wc -l
}

# is_clean: what dangles is listed by fsck, and freed if vmm made it; only an
# overlay that libvirt made for the source and did not take is the user's
is_clean() {
  local left file output
  output=$(vmm fsck 2>&1) || :
  left=$(dangling)
  while IFS= read -r file; do
    [[ ! $file ]] || assert_match "^$file	it is " "$output"
  done <<<"$left"
  # a note of what never came to be is no news
  [[ $left || $output ]] || return 0
  # where nothing is left QEMU writes to an overlay that libvirt forgot
  [[ $left ]] ||
    assert_match "^/lab/web1	it (writes|may be writing) its disk hda to " "$output"
  # a copy that was cut short can be anybody's by now: it is told, and stays
  output=$(vmm fsck --repair 2>&1) || :
  left=$(dangling)
  while IFS= read -r file; do
    [[ ! $file || $file == */web1-hda-* ]] ||
      assert_match "^$file	it is .* may have left it" "$output"
  done <<<"$left"
  if [[ $left ]]; then
    xargs rm <<<"$left"
    virsh -q pool-refresh default
  fi
  run_vmm fsck
  assert_output ""
}

# boots_from: the file that web1 starts with
boots_from() {
  sed -n "/<source file=/{s/.*='//; s/'.*//p; q}" "$SANDBOX/etc/libvirt/qemu/web1.xml"
}

# boots_from_what_it_writes: what the guest writes now is there when it starts
# anew
boots_from_what_it_writes() {
  local pid fd
  pid=$(pids 'guest=web1,')
  for fd in "/proc/$pid/fd"/*; do
    [[ $(readlink "$fd") != "$(boots_from)" ]] ||
      # O_RDWR
      ! grep -q '^flags:.*2$' "/proc/$pid/fdinfo/${fd##*/}" || return 0
  done
  fail "it writes to another file than '$(boots_from)'"
}

# source_is_whole COUNT: it boots from what it had written
source_is_whole() {
  local file
  run_vmm stop --now web1
  file=$(boots_from)
  qemu-img check -q "$file"
  qemu-img convert -f qcow2 -O raw "$file" "$BATS_TEST_TMPDIR/raw"
  (($(dd if="$BATS_TEST_TMPDIR/raw" bs=512 skip=1 count=1 status=none | head -n 1 | tr -d '\0') >= $1)) ||
    fail "what the guest had written is lost"
  rm "$SANDBOX/web1.console"
  run_vmm start web1
  console_wait web1 '^2$'
}

drop_clones() {
  local made
  made=$(clones)
  ((made == 0)) || printf 'undefine %s\n' c1 c2 c3 | virsh -q &>/dev/null || :
  ((made == 0)) && [[ ! $(compgen -G "$SANDBOX_DISKS/c[123]-*") ]] || {
    rm -f "$SANDBOX_DISKS"/c[123]-*
    virsh -q pool-refresh default
  }
  rm -rf "${XDG_STATE_HOME:?}/vmm/volumes"
}

# interrupted WHAT: all of the linked clones are there, or none and nothing of them
interrupted() {
  local n signal=${1%%:*}
  struck "$1" vmm clone --linked web1 c1 c2 c3
  n=$(clones)
  ((n == 0 || n == 3)) || fail "$n clones"
  # whoever has all of them done need not have heard it
  ((ended == 128 + $(kill -l "$signal") || (ended == 0 && n == 3))) || fail "status $ended"
  [[ $n != 3 ]] || assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/out")" 3
  [[ ! $(ls -A "$XDG_STATE_HOME/vmm/volumes" 2>/dev/null) ]] || fail "a note is left"
  [[ $n == 3 || ! $(compgen -G "$SANDBOX_DISKS/c*") ]] || fail "left: $(ls "$SANDBOX_DISKS")"
  drop_clones
}

@test "clone-faults: SIGINT and SIGTERM at every call that changes something leave all or nothing" {
  local at
  GUEST_FORMAT=qcow2 up web1 /lab
  at=$(console_count web1)
  # both mean the same, and each is heard by every call
  at_every_change "INT:before TERM:after" interrupted
  assert_goes_on web1
  boots_from_what_it_writes
  source_is_whole "$at"
}

# killed WHAT
killed() {
  struck "$1" vmm clone --linked web1 c1 c2
  is_clean
  drop_clones
}

@test "clone-faults: SIGKILL at every call that changes something leaves nothing that fsck does not list" {
  local at
  GUEST_FORMAT=qcow2 up web1 /lab
  at=$(console_count web1)
  at_every_change "KILL:in KILL:after" killed
  assert_goes_on web1
  boots_from_what_it_writes
  source_is_whole "$at"
}

# without_daemon WHAT
without_daemon() {
  daemon_struck "$1" vmm clone --linked web1 c1 c2
  is_clean
  drop_clones
}

# touched WHAT: the same, of a source whose disk was written to since, so that it
# gets another one, too
touched() {
  qemu-io -c 'write -q 1023k 1k' "$(boots_from)"
  without_daemon "$1"
}

@test "clone-faults: libvirtd killed at every call that changes something, the source off" {
  local at
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm stop web1
  at=$(disk_count web1)
  at_every_change "daemon:before daemon:in daemon:after" touched
  source_is_whole "$at"
}

# running WHAT: the same, of one that runs, and goes on
running() {
  local at
  at=$(console_count web1)
  without_daemon "$1"
  assert_goes_on web1
  boots_from_what_it_writes
  # killed in the pivot libvirt 9.0 forgets a node that QEMU has of the overlay,
  # and cannot make another one of that name before the next boot
  grep -q ' now writes its disk ' "$BATS_TEST_TMPDIR/err" || source_is_whole "$at"
}

@test "clone-faults: libvirtd killed at every call that changes something, the source running" {
  local at
  GUEST_FORMAT=qcow2 up web1 /lab
  at=$(console_count web1)
  at_every_change "daemon:before daemon:in daemon:after" running
  source_is_whole "$at"
}

@test "clone-faults: a copy that is interrupted is waited for and removed, or left to fsck" {
  local what
  guest web1 /lab
  dd if=/dev/urandom of="$SANDBOX_DISKS/web1.img" bs=1M seek=1 count=200 conv=notrunc status=none
  virsh -q pool-refresh default
  # something of it is there already
  export FAULTY_IN="find '$SANDBOX_DISKS' -name 'c?-hda.img' -size +1M | grep -q ."
  for what in before in after; do
    struck "INT:$what:c1" vmm clone web1 c1 c2 c3
    assert_equal "$ended" 130
    assert_equal "$(ls "$SANDBOX_DISKS")" web1.img
  done
  for what in in after; do
    struck "KILL:$what:c1" vmm clone web1 c1 c2 c3
    assert_equal "$ended" 137
    is_clean
    drop_clones
  done
}
