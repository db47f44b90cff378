# Speed is counted before it is timed: libvirt's own log of the calls made.
#
# check: release: it counts calls, which are the same in both

load helpers

setup_file() {
  hold_test_driver
  test_vms g 1000 10
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

# calls ARG...: the libvirt functions that vmm calls for a domain or a list of
# them, a line each, by libvirt's own log of its public functions
calls() {
  rm -f "$BATS_TEST_TMPDIR/log"
  LIBVIRT_LOG_FILTERS=1:libvirt LIBVIRT_LOG_OUTPUTS=1:file:$BATS_TEST_TMPDIR/log \
    vmm "$@" >/dev/null
  # what is done on our side, without asking the daemon, does not count
  grep -oE ' (virConnect(List|Get)|virDomain|virStorage)[A-Za-z]+:[0-9]+ ' \
    "$BATS_TEST_TMPDIR/log" | tr -d ' 0-9:' |
    grep -vE '^virDomain(Free|Ref|GetName|GetUUID|GetUUIDString|GetID|Dispose|StatsRecordListFree|GetConnect|LookupByUUIDString)$|^virConnectGetURI$' || :
}

@test "calls: ls -lR of 1000 VMs takes N + 5 calls" {
  calls ls -lR >"$BATS_TEST_TMPDIR/calls"
  sort "$BATS_TEST_TMPDIR/calls" | uniq -c
  assert_equal "$(grep -c virDomainGetMetadata "$BATS_TEST_TMPDIR/calls")" 1000
  assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/calls")" 1005
}

# What is printed in pieces is whole, and a UUID is libvirt's.
@test "calls: of 1000 VMs each is printed once, in each format" {
  local names
  assert_equal "$(vmm ls -R -o uuid | sort)" "$(virsh -q list --all --uuid | sort)"
  names=$(virsh -q list --all --name | sort)
  assert_equal "$(vmm ls -R -o name | sort)" "$names"
  assert_equal "$(vmm ls -R -o name -0 | tr '\0' '\n' | sort)" "$names"
  assert_equal "$(vmm ls -R --json | sed 's/.*"name":"\([^"]*\)".*/\1/' | sort)" "$names"
  run_vmm ls -lR
  assert_equal "${#lines[@]}" 1001
  assert_match '^STATE +SAVED +.* PATH$' "${lines[0]}"
  assert_equal "$(printf '%s\n' "${lines[@]:1}" | sed 's:.*/::' | sort)" "$names"
}

@test "calls: a plain ls fetches only paths, ls --json all it shows" {
  assert_equal "$(calls ls | wc -l)" 1001
  assert_equal "$(calls ls --json -R | wc -l)" 1005
}

@test "calls: state filters come before metadata" {
  virsh -q start g7
  assert_equal "$(calls ls -R -s running | sort | uniq -c | tr -s ' ')" \
    " 1 virConnectGetAllDomainStats
 1 virDomainGetMetadata"
}

@test "calls: a VM by name, UUID or path is a handful, however many there are" {
  local uuid
  uuid=$(vmm ls -o uuid g17)
  assert_equal "$(calls start -n g17 | wc -l)" 4
  assert_equal "$(calls start g17 | sed '/virDomainCreateWithFlags/q' | wc -l)" 4
  assert_equal "$(calls start -n "$uuid" | wc -l)" 5
  assert_equal "$(calls start -n /g/7/g17 | wc -l)" 4
  (($(calls info /g/7/g17 | wc -l) <= 12)) || fail "$(calls info g17)"
  (($(calls ls -l g17 | wc -l) <= 8)) || fail "$(calls ls -l g17)"
}

@test "calls: an origin costs nothing where all VMs are listed, else a look-up" {
  local gold
  gold=$(vmm ls -o uuid g1)
  ORIGIN=$gold test_vms o 10 1
  assert_equal "$(calls ls -R | wc -l)" 1011
  assert_equal "$(calls ls -R -o path,origin | wc -l)" 1011
  assert_equal "$(calls ls -R --clones-of=g1 | wc -l)" 1013
  assert_equal "$(calls tree --clones | wc -l)" 1011
  # a look-up and the metadata of each, and those of the origin
  assert_equal "$(calls ls -o origin o1 o2 o3 | sort | uniq -c | tr -s ' ')" \
    " 4 virDomainGetMetadata
 3 virDomainLookupByName
 1 virDomainLookupByUUID"
  # what is gone is not looked for again
  ORIGIN=0b000000-0000-4000-8000-00000000000b test_vms p 10 1
  assert_equal "$(calls ls -R -o path,origin | wc -l)" 1021
  assert_equal "$(calls ls --clones-of=0b000000-0000-4000-8000-00000000000b |
    wc -l)" 1023
}

@test "calls: a screen of 1000 VMs takes N + 2 calls, that of one VM a few" {
  local all
  all=$(vmm ls -R | wc -l)
  assert_equal "$(calls screen main | wc -l)" $((all + 2))
  assert_equal "$(calls screen folder /g/ | wc -l)" $((all + 2))
  assert_equal "$(calls screen labels | wc -l)" $((all + 1))
  (($(calls screen vm g17 | wc -l) <= 9)) || fail "$(calls screen vm g17)"
}

@test "calls: completion lists VMs in one call, and asks for folders as they are wanted" {
  local all
  all=$(vmm ls -R | wc -l)
  export VMM_COMPLETION_TIMEOUT=30000
  assert_equal "$(calls completion -- vmm start '')" virConnectGetAllDomainStats
  assert_equal "$(calls completion -- vmm start g1)" virConnectGetAllDomainStats
  assert_equal "$(calls completion -- vmm start /g/1/ | wc -l)" $((all + 1))
  assert_equal "$(calls completion -- vmm mv g1 /g | wc -l)" $((all + 1))
  assert_equal "$(calls completion -- vmm ls -L '' | wc -l)" $((all + 1))
  assert_equal "$(calls completion -- vmm ls --)" ''
}
