# What commands say of VMs in states that real guests are hardly ever seen in:
# of libvirt's test driver, which takes them from a file.

load helpers

setup() {
  local name
  {
    echo "<node xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>"
    # the numbers are those of virDomainState
    for name in going:4 crashed:6 asleep:7; do
      echo "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
        <name>${name%:*}</name><memory>2048</memory><os><type>hvm</type></os>
        <test:runstate>${name#*:}</test:runstate>
        </domain>"
    done
    echo "</node>"
  } >"$BATS_TEST_TMPDIR/node.xml"
  export LIBVIRT_DEFAULT_URI=test://$BATS_TEST_TMPDIR/node.xml
}

# says COMMAND NAME ERE
says() {
  run_vmm 1 "$1" "$2"
  assert_stderr_is_one_line "^vmm-$1: cannot $1 '/$2': $3"
}

@test "states: a listing names them, and -s finds them" {
  run_vmm ls -o name,state
  assert_output $'asleep\tpmsuspended\ncrashed\tcrashed\ngoing\tshutdown'
  run_vmm ls -s crashed,pmsuspended -o name
  assert_output $'asleep\ncrashed'
}

@test "states: a VM that has crashed" {
  says start crashed "it has crashed; 'vmm stop --now' powers it off, 'vmm reset' boots it again"
  says stop crashed "it has crashed; 'vmm stop --now' powers it off"
  says reboot crashed "it has crashed; 'vmm reset' does not ask it"
  says save crashed "it has crashed; 'vmm stop --now' powers it off"
  says pause crashed "it has crashed"
  says resume crashed "it has crashed"
}

@test "states: one that is asleep" {
  says stop asleep "it is asleep and cannot hear; 'vmm resume' wakes it, 'vmm stop --now' powers it off"
  says reboot asleep "it is asleep and cannot hear; 'vmm resume' wakes it, 'vmm reset' does not ask it"
  says save asleep "it is asleep; 'vmm resume' wakes it"
  says pause asleep "it is asleep; 'vmm resume' wakes it"
}

@test "states: one that is shutting down" {
  says start going "it is shutting down; 'vmm wait --for=shutoff' waits until it is off"
  says save going "it is shutting down, so there is nothing to save"
  says pause going "it is shutting down"
}
