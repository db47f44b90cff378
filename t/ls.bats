# vmm ls: what is listed, in which order and shape. On the test driver.

load helpers

setup_file() {
  hold_test_driver
  test_vm web10 /lab web 'a,b'
  test_vm web2 /lab web
  test_vm db1 /lab/deep/er
  test_vm lab /
  test_vm solo
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

@test "ls: without operands it lists the root: folders first, then VMs" {
  run_vmm ls
  assert_output "/lab/
/lab
/solo"
}

@test "ls: a folder's direct subfolders, then its VMs in natural order" {
  run_vmm ls /lab/
  assert_output "/lab/deep/
/lab/web2
/lab/web10"
}

@test "ls: a folder wins over a VM of the same path" {
  run_vmm ls /lab
  assert_line /lab/web2
  refute_line /lab
}

@test "ls: a VM's name alone is the VM, not a folder" {
  run_vmm ls lab
  assert_output /lab
}

@test "ls -R: all VMs below, subfolders' before a folder's own, no folders" {
  run_vmm ls -R
  assert_output "/lab/deep/er/db1
/lab/web2
/lab/web10
/lab
/solo"
}

@test "ls: a VM operand lists that VM, and one named twice once" {
  run_vmm ls /lab/web2 web2 web10
  assert_output "/lab/web2
/lab/web10"
}

@test "ls -o: tab-separated columns without a header" {
  run_vmm ls -o name,folder,type,labels,state /lab
  assert_output "$(printf '%s\n' \
    $'deep\t/lab\tfolder\t-\t-' \
    $'web2\t/lab\tvm\tweb\tshutoff' \
    $'web10\t/lab\tvm\tweb,a\\,b\tshutoff')"
}

@test "ls -o: booleans are yes and no" {
  run_vmm ls -o saved,snapshots,autostart,persistent solo
  assert_output $'no\tno\tno\tyes'
}

@test "ls -o: title, vcpus and memory come when asked for" {
  run_vmm ls -o title,vcpus,memory solo
  assert_output $'-\t1\t2097152'
}

@test "ls --json: an object a line, with real booleans, arrays and null" {
  run_vmm ls --json -R
  assert_equal "$(wc -l <<<"$output")" 5
  assert_equal "$(jq -c 'select(.name == "web10") |
    [.type, .path, .folder, .id, .saved, .persistent, .labels]' <<<"$output")" \
    '["vm","/lab/web10","/lab",null,false,true,["web","a,b"]]'
  assert_equal "$(jq -r 'keys_unsorted | join(",")' <<<"${lines[0]}")" \
    type,path,name,folder,uuid,id,state,saved,snapshots,autostart,persistent,labels
}

@test "ls --json -o: only the columns asked for" {
  run_vmm ls --json -o path,title solo
  assert_output '{"path":"/solo","title":null}'
}

@test "ls -l: an aligned table with a header" {
  run_vmm ls -l /lab
  assert_match '^STATE +SAVED +SNAPSHOTS +AUTOSTART +PERSISTENT +LABELS +PATH$' "${lines[0]}"
  assert_match '^shutoff +no +no +no +yes +web +/lab/web2$'
}

@test "ls --sort: by one column, in natural order" {
  run_vmm ls -R --sort=name
  assert_output "/lab/deep/er/db1
/lab
/solo
/lab/web2
/lab/web10"
  run_vmm 2 ls --sort=name,path
}

@test "ls: an unknown column is refused, and the known ones are listed" {
  run_vmm 2 ls -o path,colour
  assert_stderr_is_one_line "unknown column 'colour'; known are type, path,"
  run_vmm 2 ls --sort=
}

@test "ls: -l and --json exclude each other, and -l and -0" {
  run_vmm 2 ls -l --json
  run_vmm 2 ls -l -0
}

@test "ls -0: raw records that end with NUL" {
  assert_equal "$(vmm ls -0 -o path,labels web10 | od -An -c | tr -d ' \n')" \
    '/lab/web10\tweb,a\,b\0'
}

@test "ls --color: never in a pipe, always when asked, NO_COLOR on a terminal" {
  run_vmm ls
  refute_match $'\033'
  run_vmm ls --color=always
  assert_line $'\033[1;34m/lab/\033[0m'
  run script -qec "vmm ls" /dev/null
  assert_match $'\033\\[1;34m/lab/'
  NO_COLOR=1 run script -qec "vmm ls" /dev/null
  refute_match $'\033\\['
  run_vmm 2 ls --color=sometimes
}

@test "ls: filters narrow, and a filtered VM is no error" {
  run_vmm ls -R -L web
  assert_output "/lab/web2
/lab/web10"
  run_vmm ls -R -L web --no-label=a,b
  assert_output /lab/web2
  run_vmm ls -L nobody /lab/web2
  assert_output ""
  run_vmm ls -s running /lab
  assert_output ""
  run_vmm ls -L web
  assert_output /lab/
}

@test "ls: an unknown state is refused" {
  run_vmm 2 ls -s sleeping
  assert_stderr_is_one_line "unknown state 'sleeping'"
  run_vmm 2 ls -s nostate
}

@test "ls: an unknown VM, folder or pattern is an error that names it" {
  run_vmm 1 ls nobody
  assert_stderr_is_one_line "^vmm-ls: no VM or folder 'nobody'$"
  run_vmm 1 ls /nowhere/
  assert_stderr_is_one_line "^vmm-ls: no folder '/nowhere/'$"
  run_vmm 1 ls '/lab/x*'
  assert_stderr_is_one_line "^vmm-ls: no VM matches '/lab/x\*'$"
}

@test "ls: what matches is listed although another operand does not" {
  run_vmm 1 ls nobody solo
  assert_output /solo
  assert_stderr_is_one_line nobody
}

@test "ls -0: no colours, whatever --color says" {
  assert_equal "$(vmm ls -0 --color=always solo | tr -d '\0')" /solo
}
