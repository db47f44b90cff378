# What a guest's agent is for: addresses, shutdown, and knowing that it is up.
# On a real Linux with QEMU's guest agent.
#
# check: sanitizers: nearly all of its time is a guest's, which is the same in both

load helpers

setup() {
  need_agent_guest
}

teardown() {
  signal CONT 'guest=' || :
  drop_guests
}

@test "agent: start --wait ends when the guest is up, and ip has its addresses" {
  agent_guest a1 /lab
  run_vmm start --wait -v a1
  assert_output /lab/a1
  grep -q 'AGENT GUEST READY' "$SANDBOX/a1.console"
  run_vmm ip a1
  assert_output "10.0.2.15
fd00::15"
  run_vmm ip -1 a1
  assert_output 10.0.2.15
  run_vmm wait --for=agent --timeout=0 a1
  run_vmm wait --for=ip --timeout=5 a1
}

@test "agent: it is waited for although it comes late" {
  AGENT_CMDLINE='agentdelay=2' agent_guest late
  run_vmm start late
  run_vmm 5 wait --for=agent --timeout=1 late
  assert_stderr_is_one_line "cannot wait for '/late': its agent is not listening after 1 second"
  run_vmm wait --for=agent --timeout=50 late
  run_vmm ip -1 late
  assert_output 10.0.2.15
}

@test "agent: a guest without one does not come up, and that is status 5" {
  AGENT_CMDLINE='noagent' agent_guest mute
  run_vmm 5 start --wait --timeout=6 mute
  assert_stderr_is_one_line "cannot start '/mute': it is not up after 6 seconds"
  assert_equal "$(vm_state mute)" running
  run_vmm 5 wait --for=ip --timeout=1 mute
  assert_stderr_is_one_line "it has no address after 1 second"
  VMM_TIMEOUT=10 run_vmm 1 ip mute
}

@test "agent: stop --mode=agent and --mode=acpi reach it, and reboot too" {
  agent_guest a1
  run_vmm start --wait a1
  run_vmm stop --mode=agent a1
  assert_equal "$(vm_state a1)" "shut off"
  grep -q 'GUEST SHUTDOWN' "$SANDBOX/a1.console"
  run_vmm start --wait a1
  run_vmm reboot --mode=agent a1
  wait_until 30 boots a1 3
  run_vmm wait --for=agent a1
  run_vmm stop --mode=acpi a1
  assert_equal "$(vm_state a1)" "shut off"
}

@test "agent: it answers again after save and start" {
  agent_guest a1
  run_vmm start --wait a1
  run_vmm save a1
  run_vmm start --wait a1
  run_vmm ip -1 a1
  assert_output 10.0.2.15
  boots a1 1
}

@test "agent: ip does not hang on a guest that hangs, and the others are told" {
  agent_guest stuck /lab
  agent_guest well /lab
  run_vmm start --wait stuck well
  signal STOP 'guest=stuck,'
  VMM_TIMEOUT=20 run_vmm 1 ip stuck well
  assert_output $'/lab/well\t10.0.2.15\n/lab/well\tfd00::15'
  assert_stderr_is_one_line "cannot tell an address of '/lab/stuck': none is known"
}

@test "agent: watch tells when it comes and goes" {
  agent_guest a1
  vmm watch >"$BATS_TEST_TMPDIR/out" 3>&- &
  run_vmm start --wait a1
  run_vmm stop a1
  wait_until 10 grep -q $'\tagent\tdisconnected\t' "$BATS_TEST_TMPDIR/out"
  kill $!
  grep -q $'\tagent\tconnected\t' "$BATS_TEST_TMPDIR/out"
}

@test "agent: start --wait ends with an error when the VM goes off" {
  local pid
  AGENT_CMDLINE='noagent' agent_guest mute
  vmm start --wait mute 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  wait_state mute running
  virsh -q destroy mute
  assert_ends "$pid" 1
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" \
    "vmm-start: cannot start '/mute': it went off again"
}

@test "agent: start --wait of a VM that was saved while paused does not wait" {
  agent_guest a1
  run_vmm start --wait a1
  run_vmm pause a1
  run_vmm save a1
  run_vmm 1 start --wait a1
  assert_stderr_is_one_line "cannot start '/a1': it is paused; 'vmm resume' lets it go on"
}

@test "agent: clone --linked --quiesce asks it, and does nothing without its answer" {
  agent_guest a1 /lab
  qemu-img create -q -f qcow2 "$SANDBOX_DISKS/a1.qcow2" 8M
  virsh -q pool-refresh default
  virsh -q attach-disk a1 "$SANDBOX_DISKS/a1.qcow2" vda --subdriver qcow2 --config
  run_vmm start a1
  run_vmm 1 clone --linked --quiesce a1 c1 # it is not up yet
  assert_stderr_is_one_line "^vmm-clone: cannot clone '/lab/a1': .*agent"
  assert_equal "$(virsh -q domblklist a1 | awk '{ print $2 }')" "$SANDBOX_DISKS/a1.qcow2"
  assert_equal "$(virsh -q list --all --name | grep .)" a1
  run_vmm wait --for=agent --timeout=50 a1
  run_vmm clone --linked --quiesce a1 c1
  assert_output /lab/c1
  assert_equal "$(virsh -q domblklist a1 | grep -c 'a1-vda-')" 1
  virsh -q qemu-agent-command a1 '{"execute": "guest-fsfreeze-status"}' |
    jq -e '.return == "thawed"'
}
