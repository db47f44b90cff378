# vmm rename, on real VMs.

load helpers

teardown() {
  drop_guests
}

@test "rename: keeps folder, labels and UUID" {
  local uuid
  guest web1 /lab web
  uuid=$(vmm ls -o uuid web1)
  run_vmm rename /lab/web1 'front end'
  assert_output ""
  run_vmm ls -o path,labels,uuid 'front end'
  assert_output $'/lab/front end\tweb\t'"$uuid"
  run_vmm 1 ls web1
  run_vmm start 'front end'
}

@test "rename: -v prints the new path, -n what would be done" {
  guest web1 /lab
  run_vmm rename -n web1 other
  assert_output $'rename /lab/web1\t/lab/other'
  run_vmm rename -v web1 other
  assert_output /lab/other
  run_vmm rename other other
}

@test "rename: what libvirt cannot do is refused, and the way out named" {
  guest web1 /lab
  run_vmm start web1
  run_vmm 1 rename web1 web2
  assert_stderr_is_one_line "cannot rename '/lab/web1': it is not off; 'vmm stop' it first"
  virsh -q managedsave web1
  run_vmm 1 rename web1 web2
  assert_stderr_is_one_line "it has a saved state"
}

@test "rename: a name that is taken is an error, and both VMs stay" {
  guest web1
  guest web2
  run_vmm 1 rename web1 web2
  assert_stderr_is_one_line "cannot rename '/web1': .*already exists"
  run_vmm ls
  assert_output "/web1
/web2"
}

@test "rename: bad names are refused before libvirt sees them" {
  guest web1
  local name
  for name in . .. a/b '' $'a\nb'; do
    run_vmm 2 rename web1 "$name"
    assert_stderr_is_one_line "a VM's name is"
  done
  run_vmm ls
  assert_output /web1
}

@test "rename: exactly one VM" {
  guest web1
  guest web2
  run_vmm 1 rename 'web?' x
  assert_stderr_is_one_line "'web\?' is 2 VMs; one at a time"
  run_vmm 2 rename web1
  run_vmm 2 rename web1 a b
  run_vmm 1 rename nobody x
}
