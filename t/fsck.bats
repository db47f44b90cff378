# vmm fsck: metadata that others wrote, found and mended. On the test driver.

load helpers

setup_file() {
  hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

teardown() {
  local name
  for name in $(virsh -q list --all --name); do
    virsh -q undefine "$name"
  done
}

# raw_vm NAME CHILDREN [ROOT]: a VM with these children in our element
raw_vm() {
  virsh -q define /dev/stdin <<END
<domain type='test'><name>$1</name><metadata>
<vmm:${3-vmm} xmlns:vmm='http://calebstew.art/xmlns/vmm'>$2</vmm:${3-vmm}></metadata>
<memory>2048</memory><os><type>hvm</type></os></domain>
END
}

element() {
  virsh metadata "$1" http://calebstew.art/xmlns/vmm | tr -d '\n' |
    sed 's/> *</></g'
}

@test "fsck: nothing to find is silence and status 0" {
  test_vm good /lab a b
  test_vm none
  run_vmm fsck
  assert_output ""
  assert_stderr_is_empty
}

@test "fsck: names each problem with its VM, and changes nothing" {
  local before
  raw_vm slash '<vmm:path>/lab/</vmm:path>'
  raw_vm two '<vmm:path>/a</vmm:path><vmm:path>/b</vmm:path>'
  raw_vm nopath '<vmm:label>x</vmm:label>'
  raw_vm labels '<vmm:path>/l</vmm:path><vmm:label> a </vmm:label><vmm:label>a</vmm:label><vmm:label/>'
  raw_vm dots '<vmm:path>/a/../b</vmm:path>'
  raw_vm foreign 'data' other
  before=$(element slash)
  run_vmm 1 fsck
  assert_line $'/lab/slash\tits path is not in normal form'
  assert_line $'/two\tit has more than one path'
  assert_line $'/nopath\tit has no path'
  assert_line $'/l/labels\ta label has white space around it'
  assert_line $'/l/labels\tit has a label twice'
  assert_line $'/l/labels\tit has an empty label'
  assert_line $'/a/../b/dots\tits path is not in normal form'
  assert_line $'/foreign\tits element is not ours; a repair drops it'
  assert_equal "${#lines[@]}" 8
  assert_equal "$(element slash)" "$before"
}

@test "fsck --repair: mends all, keeps what it does not know, and then all is well" {
  raw_vm slash '<vmm:path>/lab/</vmm:path><vmm:later x="1"/>'
  raw_vm two '<vmm:path>/a</vmm:path><vmm:path>/b</vmm:path>'
  raw_vm nopath '<vmm:label>x</vmm:label>'
  raw_vm labels '<vmm:path>/l</vmm:path><vmm:label> a </vmm:label><vmm:label>a</vmm:label><vmm:label/>'
  raw_vm dots '<vmm:path>/a/../b/.</vmm:path>'
  raw_vm foreign 'data' other
  run_vmm fsck --repair
  assert_equal "$(element slash)" '<vmm><path>/lab</path><later x="1"/></vmm>'
  assert_equal "$(element two)" '<vmm><path>/a</path></vmm>'
  assert_equal "$(element nopath)" '<vmm><path>/</path><label>x</label></vmm>'
  assert_equal "$(element labels)" '<vmm><path>/l</path><label>a</label></vmm>'
  assert_equal "$(element dots)" '<vmm><path>/a/b</path></vmm>'
  assert_equal "$(element foreign)" '<vmm><path>/</path></vmm>'
  run_vmm fsck
  assert_output ""
}

@test "fsck: only the VMs that were named are looked at, and mended" {
  raw_vm one '<vmm:path>/x/</vmm:path>'
  raw_vm two '<vmm:path>/y/</vmm:path>'
  run_vmm fsck --repair /x/
  assert_output $'/x/one\tits path is not in normal form'
  run_vmm 1 fsck
  assert_output $'/y/two\tits path is not in normal form'
}

@test "fsck: a label can be added to a VM once its foreign element is mended" {
  raw_vm foreign 'data' other
  run_vmm 4 label -a x foreign
  run_vmm fsck --repair foreign
  run_vmm label -a x foreign
  run_vmm label foreign
  assert_output $'/foreign\tx'
}

@test "fsck: a path that is too deep counts as none, and is mended" {
  raw_vm deep "<vmm:path>$(printf '/x%.0s' {1..300})</vmm:path>"
  run_vmm ls deep
  assert_output /deep
  assert_stderr_is_one_line "warning: .*too deep"
  run_vmm fsck --repair
  assert_output $'/deep\tits path is too deep'
  run_vmm fsck
  assert_output ""
}

@test "fsck: a saved state beside a real VM that runs is found, and thrown away" {
  local -x LIBVIRT_DEFAULT_URI=qemu:///$SANDBOX_MODE
  up web1 /lab
  run_vmm save web1
  run_vmm fsck
  # a client that goes round it, as a daemon that is killed may
  virsh -q dumpxml web1 >"$BATS_TEST_TMPDIR/xml"
  virsh -q create "$BATS_TEST_TMPDIR/xml"
  run_vmm 1 fsck
  assert_output $'/lab/web1\tit runs, but has a saved state: to restore that would damage its disks'
  run_vmm fsck --repair
  run_vmm fsck
  assert_output ""
  run_vmm ls -o state,saved web1
  assert_output $'running\tno'
  drop_guests
}
