# What is left when libvirtd is killed while a clone is flattened: the clone boots, its
# data is whole, and what was begun can be done.
#
# check: release: whoever is killed tells no leaks, and what libvirtd does is the same

load helpers
load flatten

# killed WHAT NAME: libvirtd, in the flattening of the clone
killed() {
  local file
  daemon_struck "$1" vmm flatten "$2"
  while IFS= read -r file; do
    [[ ! $file ]] || noted "$file" || fail "dangles: $file"
  done <<<"$(dangling)"
}

# assert_fat FILE: it is whole, with the data of 'fatten web 40', and on its own
assert_fat() {
  qemu-io -r -c 'read -q -P 170 1M 40M' "$1"
  qemu-img check -q "$1"
}

# killed_off WHAT: another clone, c1, c2, ..., has lost nothing
killed_off() {
  local name=c$((++made))
  run_vmm clone --linked web "$name"
  killed "$1" "$name"
  assert_equal "$(written "$(disk "$name")")" "$count"
}

@test "flatten-faults: libvirtd killed at every call that changes something while it is off" {
  local made=0 count name names
  source_guest web /lab
  fatten web 40
  count=$(written "$SANDBOX_DISKS/web.qcow2")
  at_every_change "daemon:before daemon:after" killed_off
  # the first is the copy
  export FAULTY_IN="find '$SANDBOX_DISKS' -name 'c*-hda-*' -size +1M | grep -q ."
  killed_off daemon:in:c1
  # all boot, and what was begun can be done
  mapfile -t names < <(printf 'c%d\n' $(seq "$made"))
  run_vmm start "${names[@]}"
  for name in "${names[@]}"; do
    runs_on "$name"
  done
  run_vmm flatten "${names[@]}"
  for name in "${names[@]}"; do
    is_flat "$name"
  done
  printf 'destroy %s\n' "${names[@]}" | virsh -q >/dev/null
  for name in "${names[@]}"; do
    assert_fat "$(disk "$name")"
  done
}

# killed_running WHAT: a clone, c1, goes on, and what was begun can be done
killed_running() {
  local file
  run_vmm clone --linked --start web c1
  runs_on c1
  killed "$1" c1
  # at the last moment, while QEMU flushes
  ! vm_is c1 paused || virsh -q resume c1
  assert_goes_on c1-serial0
  wait_until 20 eval '[[ ! $(virsh -q blockjob c1 hda --raw) ]]'
  run_vmm flatten c1
  is_flat c1
  file=$(disk c1)
  virsh -q 'destroy c1; undefine c1'
  assert_fat "$file"
  rm "$file" "$SANDBOX/c1-serial0.console"
}

@test "flatten-faults: libvirtd killed at every call that changes something while it runs" {
  source_guest web /lab
  fatten web 40
  # after the pull is begun is in its midst
  at_every_change "daemon:before daemon:after" killed_running
}
