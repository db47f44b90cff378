# vmm autostart.

load helpers

setup_file() {
  hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

@test "autostart: on, off, and what is so already is a success" {
  test_vm web1 /lab
  run_vmm autostart -v web1
  assert_output /lab/web1
  run_vmm autostart web1
  run_vmm ls -o autostart web1
  assert_output yes
  run_vmm autostart --off web1
  run_vmm autostart --off web1
  assert_stderr_is_empty
  run_vmm ls -o autostart web1
  assert_output no
}

@test "autostart --dry-run: says what would be done, and does nothing" {
  test_vm dry /dry
  run_vmm autostart -n dry
  assert_output "autostart /dry/dry"
  run_vmm autostart -n --off dry
  assert_output ""
  run_vmm autostart dry
  run_vmm autostart -n --off '/dry/*'
  assert_output "no-autostart /dry/dry"
  run_vmm ls -o autostart dry
  assert_output yes
}

@test "autostart: a real transient VM is an error that says why" {
  LIBVIRT_DEFAULT_URI=qemu:///$SANDBOX_MODE
  up gone
  virsh -q undefine gone
  run_vmm 1 autostart gone
  assert_stderr_is_one_line "cannot set the autostart of '/gone': it is transient: when it is off, nothing is left to start"
  run_vmm autostart --off gone
  drop_guests
}

@test "autostart: survives the daemon, for libvirt keeps it" {
  LIBVIRT_DEFAULT_URI=qemu:///$SANDBOX_MODE
  guest web1
  run_vmm autostart web1
  daemon stop
  daemon start
  run_vmm ls -o autostart web1
  assert_output yes
  drop_guests
}
