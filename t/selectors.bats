# The operand language: vmm-selectors(7). On the test driver, mostly by
# `start --dry-run`, which acts on VMs without changing them.

load helpers

setup_file() {
  hold_test_driver
  test_vm web1 /lab web
  test_vm web2 /lab web old
  test_vm db1 /lab/deep
  test_vm db2 /prod/deep
  test_vm 'a[1]' /odd
  test_vm a1 /odd
  test_vm 'star*' /odd
  test_vm starfish /odd
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

# chosen OPERAND...: the paths of the VMs that the operands name
chosen() {
  run_vmm start -n "$@"
  output=${output//boot /}
}

@test "selectors: a name, a UUID, a full path and a lenient one" {
  chosen web1
  assert_output /lab/web1
  chosen "$(vmm ls -o uuid web1)"
  assert_output /lab/web1
  chosen "$(vmm ls -o uuid web1 | tr a-f A-F)"
  assert_output /lab/web1
  chosen /lab/web1
  assert_output /lab/web1
  chosen lab//web1
  assert_output /lab/web1
}

@test "selectors: a path with the wrong folder is an error that tells the right one" {
  run_vmm 1 start -n /prod/web1
  assert_stderr_is_one_line "no VM '/prod/web1'; 'web1' is at '/lab/web1'"
}

@test "selectors: * stays in a folder, ** goes below, ? is one character" {
  chosen '/lab/*'
  assert_output "/lab/web1
/lab/web2"
  chosen '/lab/**'
  assert_output "/lab/deep/db1
/lab/web1
/lab/web2"
  chosen '/*/deep/db?'
  assert_output "/lab/deep/db1
/prod/deep/db2"
  chosen '/**/db*'
  assert_output "/lab/deep/db1
/prod/deep/db2"
}

@test "selectors: a pattern without a slash matches names in any folder" {
  chosen 'db*'
  assert_output "/lab/deep/db1
/prod/deep/db2"
}

@test "selectors: '/**' is every VM" {
  chosen '/**'
  assert_equal "${#lines[@]}" 8
}

@test "selectors: an exact match wins over a pattern" {
  chosen 'a[1]'
  assert_output '/odd/a[1]'
  chosen '/odd/a[1]'
  assert_output '/odd/a[1]'
  chosen '/odd/star*'
  assert_output '/odd/star*'
  chosen '/odd/sta*'
  assert_output "/odd/star*
/odd/starfish"
}

@test "selectors: a folder needs -r where a command acts" {
  run_vmm 1 start -n /lab/
  assert_stderr_is_one_line "'/lab/' is a folder; -r takes every VM below it, '/lab/\*' those"
  run_vmm 1 start -n /lab
  assert_stderr_is_one_line "'/lab' is a folder; -r"
  chosen -r /lab/
  assert_output "/lab/deep/db1
/lab/web1
/lab/web2"
  chosen -r /lab
  assert_equal "${#lines[@]}" 3
}

@test "selectors: a command that acts needs an operand" {
  run_vmm 2 start
  assert_stderr_is_one_line "which VMs.*'/\*\*' for all"
  run_vmm 2 start -s running
}

@test "selectors: filters only narrow" {
  chosen -L web -L old '/**'
  assert_output /lab/web2
  chosen -L web --no-label=old '/**'
  assert_output /lab/web1
  chosen -s shutoff,paused web1
  assert_output /lab/web1
  chosen -s saved '/**'
  assert_output ""
}

@test "selectors: an operand that the filter empties is no error, an unknown one is" {
  chosen -s running '/lab/*' web1 /lab/web2
  assert_output ""
  run_vmm 1 start -n -s running '/lab/x*'
  assert_stderr_is_one_line "no VM matches"
}

@test "selectors: one named twice is acted on once, in operand order" {
  chosen web2 '/lab/*' web1
  assert_output "/lab/web2
/lab/web1"
}

@test "selectors: - reads operands that are literal, one a line" {
  run_vmm start -n - < <(printf '%s\n' /lab/web1 '/odd/star*' web2)
  assert_output "boot /lab/web1
boot /odd/star*
boot /lab/web2"
  run_vmm 1 start -n - < <(echo '/lab/*')
  assert_stderr_is_one_line "no VM '/lab/\*'"
}

@test "selectors: - with -0 reads NUL-separated operands" {
  run_vmm start -n0 - < <(printf '%s\0' /lab/web1 web2)
  assert_equal "$(vmm start -n0 - < <(printf '%s\0' web1) | tr '\0' '!')" \
    'boot /lab/web1!'
}

@test "selectors: - with nothing to read is nothing to do" {
  run_vmm start - </dev/null
  assert_output ""
  run_vmm ls - </dev/null
  assert_output ""
}

@test "selectors: a NUL in a line is an error, not half a name" {
  run_vmm 1 start -n - < <(printf 'web1\0web2\n')
  assert_stderr_is_one_line "read NUL-separated operands with -0"
  assert_output ""
}

@test "selectors: standard input that cannot be read is an error" {
  run_vmm 1 start -n - </
  assert_stderr_is_one_line "cannot read standard input: Is a directory"
}

@test "selectors: an empty operand names nothing" {
  run_vmm 1 start -n ''
  assert_stderr_is_one_line "an empty operand names no VM"
}

@test "selectors: after -- nothing is an option" {
  test_vm -n /odd
  chosen -- -n
  assert_output /odd/-n
  virsh -q -c "$SANDBOX_TEST_URI" undefine --domain -n
}

@test "selectors: a name that is another VM's UUID is refused, naming both" {
  local uuid
  uuid=$(vmm ls -o uuid web1)
  test_vm "$uuid" /odd
  run_vmm 1 start -n "$uuid"
  assert_stderr_is_one_line "can mean '/odd/$uuid' .* and '/lab/web1'"
  chosen "/odd/$uuid"
  assert_output "/odd/$uuid"
  virsh -q -c "$SANDBOX_TEST_URI" undefine "/odd/$uuid" ||
    virsh -q -c "$SANDBOX_TEST_URI" undefine \
      --domain "$(vmm ls -o uuid "/odd/$uuid")"
}

@test "selectors: an operand that means one VM as it is and another unescaped is refused" {
  test_vm 'x\y' /odd
  test_vm 'x\\y' /odd
  run_vmm 1 start -n 'x\\y'
  assert_stderr_is_one_line "can mean .* by its UUID"
  chosen 'x\y'
  assert_output '/odd/x\\y'
  chosen "$(vmm ls -o uuid,name /odd | awk -F'\t' '$2 == "x\\\\\\\\y" { print $1 }')"
  assert_output '/odd/x\\\\y'
}

@test "selectors: ALIAS:/path is kept for VMs of several hosts" {
  local conf=$XDG_CONFIG_HOME/libvirt/libvirt.conf
  if ((EUID == 0)); then
    conf=/etc/libvirt/libvirt.conf
  fi
  echo 'uri_aliases = [ "far=qemu+ssh://far/system", ]' >"$conf"
  run_vmm 1 start -n far:/lab/web1
  rm "$conf"
  assert_stderr_is_one_line "several hosts in one command do not work yet"
}

@test "selectors: a second -c is refused with that reason" {
  run_vmm 2 ls -c test:///default -c test:///default
  assert_stderr_is_one_line "several hosts in one command do not work yet"
  run_vmm 2 -c test:///default -c test:///default ls
  assert_stderr_is_one_line "several hosts"
}

@test "selectors: two kinds of failure at once are status 1, and each is one line" {
  run_vmm 1 start -n nobody 'no*' /lab/ web1
  assert_equal "${#stderr_lines[@]}" 3
  assert_output "boot /lab/web1"
}

@test "selectors: an operand of nothing but white space is never everything" {
  run_vmm 1 start -n -r ' '
  assert_stderr_is_one_line "an empty operand names no VM"
  run_vmm 1 start -n -r '\t'
  assert_stderr_is_one_line "no VM '\\\\t'"
  run_vmm 1 start -n -r - < <(printf ' \r\n')
  assert_stderr_is_one_line "an empty operand names no VM"
  assert_output ""
}

@test "selectors: white space in a pattern is part of it" {
  test_vm 'sp1' /sp
  test_vm 'sp1 ' /sp
  chosen '/sp/sp? '
  assert_output '/sp/sp1 '
  chosen '/sp/sp?'
  assert_output '/sp/sp1'
}

@test "selectors: an operand that can mean two folders is refused" {
  # one backslash, and two: as ls prints the first, the second is spelt
  test_vm one '/f\g'
  test_vm two '/f\\g'
  run_vmm ls /
  assert_line '/f\\g/'
  assert_line '/f\\\\g/'
  run_vmm 1 start -n -r '/f\\g/'
  assert_stderr_is_one_line "can mean two folders"
  chosen -r '/f\g/'
  assert_output '/f\\g/one'
}

@test "selectors: -c before and behind the command is refused, too" {
  run_vmm 2 -c test:///default ls -c test:///default
  assert_stderr_is_one_line "several hosts in one command do not work yet"
}

@test "selectors: a filter makes no pattern of a folder, and no other VM of it" {
  test_vm far1 '/lab[1]'
  test_vm near1 /lab1
  test_vm alone /
  test_vm inside /alone
  vmm start near1 alone
  chosen -r '/lab[1]/'
  assert_output '/lab[1]/far1'
  # the folder's VMs are off
  run_vmm stop -n -r -s running '/lab[1]/'
  assert_output ""
  run_vmm ls -s running '/lab[1]'
  assert_output ""
  run_vmm ls -s running /alone
  assert_output ""
  run_vmm ls -s running /lab1
  assert_output /lab1/near1
  run_vmm ls -s running '/lab?/'
  assert_output /lab1/near1
}
