# vmm revert to external snapshots, on real guests, where libvirt can do that
# (from 9.9 on).

load helpers

setup() {
  reverts_external || skip "this libvirt cannot go back to external snapshots"
}

teardown() {
  drop_guests
}

# disks: what there is in the folder of the disks, but for the memory's files
disks() {
  (cd "$SANDBOX_DISKS" && find . -type f ! -name '*.mem' -printf '%f\n' | sort)
}

# top NAME: the file that the VM writes to
top() {
  virsh -q domblklist --inactive "$1" | awk '$1 == "hda" { print $2 }'
}

# assert_chain NAME FILE...: what it stands on, the newest first, whatever
# libvirt has called that
assert_chain() {
  local name=$1 chain
  shift
  chain=$(qemu-img info -U --backing-chain "$(top "$name")" |
    sed -n 's/^image: .*\///p')
  assert_equal "$(tail -n +2 <<<"$chain")" "$(printf '%s\n' "$@")"
}

@test "external: memory and disk are back, folder and labels stay" {
  local before
  up web1 /lab red
  run_vmm snapshot --name=clean web1
  assert_stderr_is_empty
  before=$(console_count web1)
  count_wait web1 "$((before + 30))"
  run_vmm mv web1 /attic/
  run_vmm label -a blue -d red web1
  rm "$SANDBOX/web1.console"
  run_vmm revert -v --to=clean web1
  assert_output /attic/web1
  console_wait web1 '^[0-9]+$'
  count_wait web1 "$before"
  (($(grep -xE '[0-9]+' "$SANDBOX/web1.console" | head -n 1) < before + 20))
  refute_match 'GUEST READY' "$(<"$SANDBOX/web1.console")"
  run_vmm ls -o path,labels web1
  assert_output $'/attic/web1\tblue'
  virsh -q dumpxml web1 | grep -q '<vmm:path>/attic<'
  virsh -q dumpxml --inactive web1 | grep -q '<vmm:label>blue<'
  refute_match '<vmm:label>red<' "$(virsh -q dumpxml --inactive web1)"
  # the overlay of before is gone
  assert_equal "$(disks)" "$(printf '%s\n' "$(basename "$(top web1)")" web1.img | sort)"
  assert_chain web1 web1.img
}

@test "external: without memory the VM is off, unless it shall run" {
  local before
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm stop web1
  before=$(written "$(top web1)")
  run_vmm snapshot --disk-only --name=one web1
  run_vmm start web1
  count_wait web1 "$((before + 5))"
  run_vmm snapshot --disk-only --name=two web1
  run_vmm revert -n --to=one web1
  assert_output $'revert /lab/web1\tone'
  assert_equal "$(vm_state web1)" running
  run_vmm revert --to=one web1
  assert_equal "$(vm_state web1)" "shut off"
  assert_equal "$(written "$(top web1)")" "$before"
  run_vmm revert --to=two --running web1
  assert_equal "$(vm_state web1)" running
  assert_chain web1 web1.one web1.qcow2
  run_vmm revert --to=two --paused web1
  assert_equal "$(vm_state web1)" paused
  run_vmm save web1
  run_vmm revert --to=two web1
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tno'
}

@test "external: what stands on a snapshot is still there after two ways back" {
  local count
  up web1 /lab
  run_vmm snapshot --name=one web1
  count_wait web1 "$(($(console_count web1) + 5))"
  run_vmm stop web1
  count=$(written "$(top web1)")
  run_vmm snapshot --name=two web1
  # libvirt deletes the overlay of now each time: not that below 'two'
  run_vmm revert --to=one web1
  run_vmm revert --to=one web1
  assert_chain web1 web1.img
  run_vmm revert --to=two web1
  assert_equal "$(written "$(top web1)")" "$count"
  assert_chain web1 web1.one web1.img
  run_vmm snapshot --tree web1
  assert_output $'/lab/web1\n└── one\n    └── two *'
}

@test "external: two disks, one raw; one follows the other; a CD-ROM" {
  local file=$SANDBOX_DISKS/second.img
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img create -q -f raw "$file" 1M
  truncate -s 1M "$SANDBOX_DISKS/cd.iso"
  virsh -q dumpxml web1 | sed "s,</disk>,&\
    <disk type='file' device='disk'><driver name='qemu' type='raw'/>\
      <source file='$file'/><target dev='hdb' bus='ide'/></disk>\
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/>\
      <source file='$SANDBOX_DISKS/cd.iso'/><target dev='hdc' bus='ide'/>\
      <readonly/></disk>," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm start web1
  console_wait web1 '^2$'
  run_vmm snapshot --name=one web1
  # all are qcow2 now, but libvirt could not delete a mixture
  run_vmm snapshot --name=two web1
  run_vmm snapshot -o kind,memory web1
  assert_output $'external\tyes\nexternal\tyes'
  run_vmm revert --to=one web1
  assert_goes_on web1
  run_vmm snapshot --delete=two web1
  run_vmm snapshot --delete=one web1
  assert_goes_on web1
  assert_equal "$(ls "$SANDBOX_DISKS")" $'cd.iso\nsecond.img\nweb1.qcow2'
}

@test "external: UEFI, running and off" {
  GUEST_FORMAT=qcow2 uefi_guest efi /lab
  run_vmm snapshot --name=off efi
  run_vmm start efi
  firmware_wait efi
  run_vmm snapshot --name=on efi
  run_vmm stop --now efi
  run_vmm revert --to=on efi
  assert_equal "$(vm_state efi)" running
  run_vmm revert --to=off efi
  assert_equal "$(vm_state efi)" "shut off"
  rm "$SANDBOX/efi.console"
  run_vmm start efi
  firmware_wait efi
  run_vmm snapshot --delete=off --children efi
  assert_equal "$(ls "$SANDBOX_DISKS")" $'efi.qcow2\nefi_VARS.fd'
}

@test "external: refused where a clone stands on the overlay of now" {
  local before
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm snapshot --disk-only --name=one web1
  qemu-img create -q -u -f qcow2 -b "$SANDBOX_DISKS/web1.one" -F qcow2 \
    "$SANDBOX_DISKS/clone.qcow2" 1M
  before=$(virsh -q dumpxml web1)
  run_vmm 4 revert web1
  assert_stderr_is_one_line "^vmm-revert: cannot revert '/lab/web1': its disk '.*/web1.one' is what '.*/clone.qcow2' stands on"
  run_vmm 4 revert --force web1
  assert_equal "$(virsh -q dumpxml web1)" "$before"
  assert_goes_on web1
  # what it stood on then is not written to
  qemu-img rebase -u -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/clone.qcow2"
  run_vmm revert web1
}

@test "external: a CD-ROM that is no file: a warning, and refused untouched" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  virsh -q vol-create-as default cd.iso 1M
  virsh -q dumpxml web1 | sed "s,</disk>,&\
    <disk type='volume' device='cdrom'><driver name='qemu' type='raw'/>\
      <source pool='default' volume='cd.iso'/><target dev='hdb' bus='ide'/>\
      <readonly/></disk>," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm snapshot --name=one --disk-only web1
  assert_stderr_is_one_line "warning: '/lab/web1' gets an external snapshot, to which this libvirt cannot revert"
  run_vmm start web1
  console_wait web1 '^2$'
  run_vmm save web1
  run_vmm 1 revert web1
  assert_stderr_is_one_line "^vmm-revert: cannot revert '/lab/web1': its snapshot 'one' is external, and libvirt cannot revert to those of a VM whose disk hdb is not of type file$"
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tyes'
}

@test "external: when it fails halfway the VM keeps off what its snapshots need" {
  local file
  up web1 /lab
  run_vmm snapshot --name=one web1
  file=$SANDBOX_DISKS/$(virsh -q domuuid web1).one.mem
  truncate -s 300000 "$file"
  run_vmm 1 revert web1
  assert_stderr_is_one_line "^vmm-revert: cannot revert '/lab/web1': "
  # libvirt would have it write to web1.img
  assert_equal "$(top web1)" "$SANDBOX_DISKS/web1.one"
  assert_equal "$(vm_state web1)" "shut off"
  run_vmm start web1
  virsh -q domblklist web1 | grep -qF "$SANDBOX_DISKS/web1.one"
}

@test "external: where none is current the daemon survives it" {
  local pid
  pid=$(daemon pid)
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --disk-only --name=one web1
  virsh -q snapshot-dumpxml web1 one >"$BATS_TEST_TMPDIR/xml"
  virsh -q snapshot-delete --metadata web1 one
  virsh -q snapshot-create --redefine web1 "$BATS_TEST_TMPDIR/xml"
  run_vmm 1 revert web1
  assert_stderr_is_one_line "it has no current snapshot; name one with --to$"
  run_vmm revert --to=one web1
  kill -0 "$pid"
  assert_chain web1 web1.qcow2
}

@test "external: deleting a tree of them leaves the disk alone" {
  up web1 /lab
  run_vmm snapshot --name=one web1
  run_vmm snapshot --name=two web1
  run_vmm snapshot --name=three web1
  run_vmm revert --to=one web1
  run_vmm snapshot --name=four web1
  run_vmm 1 snapshot --delete=one web1
  assert_stderr_is_one_line "^vmm-snapshot: cannot delete a snapshot of '/lab/web1': "
  run_vmm snapshot --delete=three web1
  run_vmm snapshot --delete=one --children web1
  run_vmm snapshot --list web1
  assert_output ""
  assert_goes_on web1
  assert_equal "$(ls "$SANDBOX_DISKS")" web1.img
}

# killed WHAT: libvirtd, on the way back
killed() {
  struck "$1" vmm revert web1
  ((changes < ${1##*c})) || revive_daemon
  run_vmm ls -o labels web1
  assert_output "red,blue"
  run_vmm revert web1
  run_vmm ls -o state,labels web1
  assert_output $'running\tred,blue'
  assert_chain web1 web1.img
  count_wait web1 "$(console_count web1)"
}

@test "external: libvirtd killed during the way back, at every call that changes something" {
  up web1 /lab red
  run_vmm snapshot --name=clean web1
  run_vmm label -a blue web1
  at_every_change "daemon:before daemon:in daemon:after" killed
}
