# vmm ip. With a guest's agent: t/agent.bats. libvirt's test driver has a DHCP
# server that knows the addresses of VMs on its network.

load helpers

setup_file() {
  hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

# net_vm NAME FOLDER NICS: running, with cards on the test driver's network
net_vm() {
  local i
  {
    echo "<domain type='test'><name>$1</name>"
    vmm_metadata "$2"
    echo "<memory unit='MiB'>2</memory><os><type>hvm</type></os><devices>"
    for ((i = 0; i < $3; i++)); do
      echo "<interface type='network'><mac address='52:54:00:00:00:0$i'/>"
      echo "<source network='default'/></interface>"
    done
    echo "</devices></domain>"
  } | virsh -q define /dev/stdin
  virsh -q start "$1"
}

@test "ip: of one VM bare addresses, of several the path, a tab and the address" {
  net_vm one /lab 1
  net_vm two /lab 1
  run_vmm ip one
  assert_match '^192\.168\.122\.[0-9]+$'
  assert_equal "${#lines[@]}" 1
  run_vmm ip two one
  assert_match $'^/lab/two\t192\.168\.122\.[0-9]+$'
  assert_equal "${lines[1]%%$'\t'*}" /lab/one
}

@test "ip --first: only the best of each" {
  net_vm many /many 3
  run_vmm ip many
  assert_equal "${#lines[@]}" 3
  local first=${lines[0]}
  run_vmm ip -1 many
  assert_output "$first"
}

@test "ip -0: raw records that end with NUL" {
  net_vm $'t\tab' /nul 1
  run_vmm ls -o name '/nul/*'
  assert_output 't\tab'
  vmm ip -0 $'t\tab' one >"$BATS_TEST_TMPDIR/out"
  assert_equal "$(tr '\0' '\n' <"$BATS_TEST_TMPDIR/out" | cut -f 1-2 | head -n 1)" \
    $'/nul/t\tab'
  assert_equal "$(tr -dc '\0' <"$BATS_TEST_TMPDIR/out" | wc -c)" 2
}

@test "ip: a VM that is off is an error that names the way; the others are told" {
  test_vm off /lab
  run_vmm 1 ip off one
  assert_stderr_is_one_line "^vmm-ip: cannot tell an address of '/lab/off': it is off; 'vmm start' boots it$"
  assert_match '^/lab/one'
}

@test "ip: a real guest of which nobody knows an address is an error" {
  LIBVIRT_DEFAULT_URI=qemu:///$SANDBOX_MODE
  up web1
  run_vmm 1 ip web1
  assert_stderr_is_one_line "cannot tell an address of '/web1': none is known to libvirt's DHCP server, a guest agent or the ARP table; 'vmm wait --for=ip' waits for one"
  drop_guests
}

@test "ip: needs an operand, and a folder needs -r" {
  run_vmm 2 ip
  run_vmm 1 ip /lab/
  run_vmm ip -r /many/
  assert_equal "${#lines[@]}" 3
}
