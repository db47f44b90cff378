# shellcheck shell=bash
# What the tests of flatten share: `load flatten` stands below `load helpers`.

teardown() {
  touch "$SANDBOX/go"
  signal CONT 'guest=' || :
  signal CONT "qemu-img convert .*$SANDBOX" || :
  drop_guests
  ! mountpoint -q "$SANDBOX/small" || umount "$SANDBOX/small"
  rm -rf "${XDG_STATE_HOME:?}/vmm"
}

# source_guest NAME...: a VM to be cloned, off, whose guest has counted
source_guest() {
  GUEST_FORMAT=qcow2 up "$@"
  count_wait "$1" 5
  virsh -q destroy --domain "$1"
}

# fatten NAME MIB: its disk gets that much more data
fatten() {
  local disk=$SANDBOX_DISKS/$1.qcow2
  qemu-img resize -q "$disk" "$(($2 + 2))M"
  qemu-io -c "write -q -P 170 1M ${2}M" "$disk"
}

# disk NAME [TARGET]: the file that it starts with
disk() {
  virsh -q domblklist --inactive "$1" | awk -v target="${2-hda}" '$1 == target { print $2 }'
}

# base NAME: the file that its disk stands on, or nothing
base() {
  qemu-img info -U --output=json "$(disk "$1")" |
    sed -n 's/.*"full-backing-filename": "\(.*\)".*/\1/p'
}

# runs_on NAME: until a clone's guest counts, with a console of its own
runs_on() {
  count_wait "$1-serial0" "$(($(console_count "$1-serial0") + 2))"
}

# is_flat NAME: stands on nothing, now, at the next start, and by its file
is_flat() {
  assert_equal "$(base "$1")" ""
  refute_match '<backingStore[^/]*>$' "$(virsh -q dumpxml "$1")"
  refute_match '<backingStore' "$(virsh -q dumpxml --inactive "$1")"
}

# noted FILE: a note says that it may be left
noted() {
  grep -rqF -e "$1" "$XDG_STATE_HOME/vmm/volumes"
}
