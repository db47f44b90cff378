# Standard output that is closed, full or a broken pipe is never silence.

load helpers

setup() {
  export LIBVIRT_DEFAULT_URI=test:///default
}

@test "output: a full disk is an error" {
  local command
  for command in "ls" "tree" "info test" "ls --help" "--help" "--list-cmds" \
    "ls --version" "start -v test"; do
    # shellcheck disable=SC2086 # the words of a command
    run -1 bash -c 'vmm "$@" 2>&1 >/dev/full' - $command
    assert_match "cannot write standard output: No space left on device"
  done
}

@test "output: closed standard output is an error" {
  run -1 bash -c 'vmm ls 2>&1 >&-'
  assert_match "^vmm-ls: cannot write standard output: Bad file descriptor$"
  run -1 bash -c 'vmm --list-cmds 2>&1 >&-'
}

@test "output: nothing printed into a closed standard output is fine but for closing" {
  run -0 bash -c 'vmm start test 2>&1 >/dev/full'
  assert_output ""
}

@test "output: with all descriptors closed libvirt's socket is not written to" {
  LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI run -1 \
    bash -c 'vmm ls <&- >&- 2>&-'
}

@test "output: errors go to standard error, data to standard output" {
  run_vmm 1 ls nobody test
  assert_output /test
  assert_stderr_is_one_line nobody
}

@test "output: a reader that has seen enough ends a listing quietly" {
  run bash -c 'set -o pipefail; vmm ls | true' # may be in time to write
  ((status == 0 || status == 141))
  assert_output ""
}
