# vmm revert, on real guests.

load helpers

teardown() {
  drop_guests
}

@test "revert: memory and disk are back, folder and labels stay" {
  local before
  GUEST_FORMAT=qcow2 up web1 /lab red
  run_vmm snapshot --name=clean web1
  before=$(console_count web1)
  count_wait web1 "$((before + 30))"
  run_vmm mv web1 /attic/
  run_vmm label -a blue -d red web1
  rm "$SANDBOX/web1.console"
  run_vmm revert -v --to=clean web1
  assert_output /attic/web1
  console_wait web1 '^[0-9]+$'
  # it goes on where it was, not where it had come to
  count_wait web1 "$before"
  (($(grep -xE '[0-9]+' "$SANDBOX/web1.console" | head -n 1) < before + 20))
  refute_match 'GUEST READY' "$(<"$SANDBOX/web1.console")"
  run_vmm ls -o path,labels web1
  assert_output $'/attic/web1\tblue'
  virsh -q dumpxml web1 | grep -q '<vmm:path>/attic<'
  virsh -q dumpxml --inactive web1 | grep -q '<vmm:label>blue<'
  refute_match '<vmm:label>red<' "$(virsh -q dumpxml --inactive web1)"
}

@test "revert: of a VM that is off, to one that was off" {
  local before
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm stop web1
  before=$(written "$SANDBOX_DISKS/web1.qcow2")
  run_vmm snapshot --name=off web1
  run_vmm start web1
  count_wait web1 "$((before + 5))"
  run_vmm stop --now web1
  run_vmm revert web1
  assert_equal "$(vm_state web1)" "shut off"
  assert_equal "$(written "$SANDBOX_DISKS/web1.qcow2")" "$before"
}

@test "revert: a whole lab at once, some running, some off, one saved" {
  local name
  for name in a b c; do
    GUEST_FORMAT=qcow2 up "$name" /lab
  done
  run_vmm snapshot --name=clean '/lab/*'
  run_vmm stop --now a
  run_vmm save b
  run_vmm revert --to=clean -v '/lab/*'
  assert_output $'/lab/a\n/lab/b\n/lab/c'
  run_vmm ls -R -o state,saved /lab
  assert_equal "$(sort -u <<<"$output")" $'running\tno'
}

@test "revert: a saved state that would not fit the disks is thrown away" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=off web1
  run_vmm start web1
  console_wait web1 '^2$'
  run_vmm save web1
  run_vmm revert web1
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tno'
  run_vmm start web1
  wait_until 10 eval '(($(grep -c "GUEST READY" "$SANDBOX/web1.console") == 2))'
}

@test "revert --running, --paused: whatever it was then" {
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm snapshot --name=up web1
  run_vmm revert --paused web1
  assert_equal "$(vm_state web1)" paused
  run_vmm revert --running web1
  assert_equal "$(vm_state web1)" running
  run_vmm 2 revert --running --paused web1
}

@test "revert: no such snapshot, or none at all, is an error; others go on" {
  GUEST_FORMAT=qcow2 guest a /lab
  GUEST_FORMAT=qcow2 guest b /lab
  run_vmm snapshot --name=clean b
  run_vmm 1 revert -v --to=clean a b
  assert_output /lab/b
  assert_stderr_is_one_line "cannot revert '/lab/a': it has no snapshot 'clean'; 'vmm snapshot --list' lists what it has"
  run_vmm 1 revert a
  assert_stderr_is_one_line "it has no current snapshot; name one with --to"
}

@test "revert --dry-run: says what would be done, and does nothing" {
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm snapshot --name=clean web1
  run_vmm stop web1
  run_vmm revert -n web1
  assert_output $'revert /lab/web1\tclean'
  assert_equal "$(vm_state web1)" "shut off"
}

@test "revert: a VM that had no folder then, and one that has none now" {
  GUEST_FORMAT=qcow2 guest web1
  run_vmm snapshot --name=bare web1
  run_vmm mv web1 /lab/
  run_vmm revert web1
  run_vmm ls web1
  assert_output /lab/web1
  run_vmm snapshot --name=filed web1
  virsh -q metadata web1 http://calebstew.art/xmlns/vmm --config --remove
  run_vmm revert --to=filed web1
  run_vmm ls web1
  assert_output /web1
}

@test "revert: what else stands in the element stays, too" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=one web1
  virsh -q metadata web1 http://calebstew.art/xmlns/vmm --config --key vmm \
    --set '<vmm><path>/lab</path><origin>abc</origin><note>n</note></vmm>'
  run_vmm revert web1
  assert_match '<vmm:origin>abc</vmm:origin>' "$(virsh -q dumpxml web1)"
  assert_match '<vmm:note>n</vmm:note>' "$(virsh -q dumpxml web1)"
}

@test "revert: of a VM that runs beside a stale saved state" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=off web1
  run_vmm start web1
  run_vmm save web1
  virsh -q dumpxml web1 >"$BATS_TEST_TMPDIR/xml"
  virsh -q create "$BATS_TEST_TMPDIR/xml"
  run_vmm revert web1
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tno'
}

@test "revert: libvirt's own words when it cannot" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=one web1
  qemu-img snapshot -d one "$SANDBOX_DISKS/web1.qcow2"
  run_vmm 1 revert web1
  assert_stderr_is_one_line "^vmm-revert: cannot revert '/lab/web1': "
}
