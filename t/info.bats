# vmm info, on real guests.

load helpers

teardown() {
  daemon resume 2>/dev/null || :
  signal CONT 'guest=' || :
  drop_guests
}

@test "info: a VM that is off" {
  guest web1 /lab/deep web 'a,b'
  run_vmm info web1
  assert_line "path: /lab/deep/web1"
  assert_line "label: web"
  assert_line "label: a,b"
  assert_line "state: shutoff"
  assert_line "saved: no"
  assert_line "snapshots: 0"
  assert_line "vcpus: 1"
  assert_line "memory: 2.0 MiB"
  assert_line "firmware: bios"
  assert_match "^disk: hda raw $SANDBOX_DISKS/web1.img \(1.0 MiB, takes "
}

@test "info: a running one has its state's reason" {
  guest web1
  run_vmm start --paused web1
  run_vmm info web1
  assert_line "state: paused"
  assert_match "^reason: (starting-up|user)$"
}

@test "info: a disk's backing chain and sizes, off and running" {
  GUEST_FORMAT=qcow2 guest web1
  mv "$SANDBOX_DISKS/web1.qcow2" "$SANDBOX_DISKS/base.qcow2"
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/base.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/web1.qcow2"
  virsh -q pool-refresh default
  run_vmm info web1
  assert_match "^disk: hda qcow2 $SANDBOX_DISKS/web1.qcow2 \(1.0 MiB, takes"
  assert_match "^backing: hda qcow2 $SANDBOX_DISKS/base.qcow2 \(1.0 MiB, takes"
  refute_match '^backing: hda unknown'
  run_vmm start web1
  run_vmm info web1
  assert_match "^backing: hda qcow2 $SANDBOX_DISKS/base.qcow2"
  run_vmm info --json web1
  assert_equal "$(jq -c '[.disks[0].chain[].source]' <<<"$output")" \
    "[\"$SANDBOX_DISKS/web1.qcow2\",\"$SANDBOX_DISKS/base.qcow2\"]"
  assert_equal "$(jq .disks[0].chain[0].capacity <<<"$output")" 1048576
}

@test "info: a disk in no pool is said to be unknown below" {
  guest web1
  mv "$SANDBOX_DISKS/web1.img" "$SANDBOX/elsewhere.img"
  virsh -q pool-refresh default
  virsh dumpxml web1 | sed "s|$SANDBOX_DISKS/web1.img|$SANDBOX/elsewhere.img|" |
    virsh -q define /dev/stdin
  run_vmm info web1
  assert_line "disk: hda raw $SANDBOX/elsewhere.img"
  assert_line "backing: hda unknown: the last file is in no pool, or the chain is endless"
}

@test "info --json: an object a VM, a line each" {
  guest web1 /lab web
  guest web2 /lab
  run_vmm info --json '/lab/*'
  assert_equal "$(wc -l <<<"$output")" 2
  assert_equal "$(jq -c '[.path, .labels, .state, .memory, .saved]' <<<"${lines[0]}")" \
    '["/lab/web1",["web"],"shutoff",2097152,false]'
}

@test "info: several VMs are separated by a blank line, in operand order" {
  guest web1
  guest web2
  run_vmm info web2 web1
  assert_equal "$(grep -n '^$\|^path' <<<"$output" | cut -d: -f2- | paste -sd,)" \
    "path: /web2,,path: /web1"
}

@test "info: never blocks on a stuck QEMU" {
  guest web1
  run_vmm start web1
  signal STOP 'guest=web1,'
  VMM_TIMEOUT=5 run_vmm info web1
  assert_line "state: running"
  VMM_TIMEOUT=5 run_vmm ls -lR
  assert_match "^running .*/web1$"
}

@test "info: needs an operand, takes -r, and names what it does not know" {
  run_vmm 2 info
  guest web1 /lab
  run_vmm info -r /lab/
  assert_line "path: /lab/web1"
  run_vmm 1 info web1 nobody
  assert_line "path: /lab/web1"
  assert_stderr_is_one_line "no VM 'nobody'"
}

@test "info: a chain that bites its own tail ends" {
  GUEST_FORMAT=qcow2 guest loop
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/loop.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/tail.qcow2"
  qemu-img rebase -u -b "$SANDBOX_DISKS/tail.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/loop.qcow2"
  virsh -q pool-refresh default
  run_vmm info loop
  assert_match "^backing: hda unknown: .* endless"
}
