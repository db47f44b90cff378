# vmm, the dispatcher: finds commands and becomes them.

load helpers

setup() {
  export LIBVIRT_DEFAULT_URI=test:///default
}

@test "vmm: runs a command, passing arguments, output and status on" {
  run_vmm ls test
  assert_output /test
  run_vmm 1 ls nobody
}

@test "vmm: an unknown command is status 127, and a near miss suggests" {
  run_vmm 127 strat
  assert_stderr_is_one_line "^vmm: no such command 'strat'; did you mean 'start'\?$"
  run_vmm 127 frobnicate
  assert_stderr_is_one_line "'vmm --list-cmds' lists them"
  run_vmm 127 ../../bin/sh
  run_vmm 127 $'\033[31m'
  assert_stderr_is_one_line 'x1b'
}

@test "vmm: --list-cmds has every command" {
  run_vmm --list-cmds
  for command in info ls start stop tree; do
    assert_line "$command"
  done
}

@test "vmm: commands come from --exec-path, then VMM_EXEC_PATH, then PATH" {
  local name dir=$BATS_TEST_TMPDIR
  for name in one two three; do
    mkdir "$dir/$name"
    printf '#!/bin/sh\necho %s "$@"\n' "$name" >"$dir/$name/vmm-hello"
    chmod +x "$dir/$name/vmm-hello"
  done
  export VMM_EXEC_PATH=$dir/two PATH=$dir/three:$PATH
  run_vmm --exec-path="$dir/one" hello 'a b'
  assert_output "one a b"
  run_vmm hello
  assert_output two
  VMM_EXEC_PATH=/nonexistent run_vmm hello
  assert_output three
  run_vmm --exec-path
  assert_output "$dir/two"
  run_vmm --list-cmds
  assert_line hello
}

@test "vmm: -c goes to the command, and to what it runs" {
  printf '#!/bin/sh\necho "$LIBVIRT_DEFAULT_URI"\n' >"$BATS_TEST_TMPDIR/vmm-uri"
  chmod +x "$BATS_TEST_TMPDIR/vmm-uri"
  export VMM_EXEC_PATH=$BATS_TEST_TMPDIR
  for option in "-c x:///y" -cx:///y "--connect x:///y" --connect=x:///y; do
    # shellcheck disable=SC2086 # two words
    run_vmm $option uri
    assert_output x:///y
  done
}

@test "vmm: --help and --version print on standard output" {
  run_vmm --help
  assert_match '^Usage: vmm '
  run_vmm --version
  assert_match '^vmm [0-9]'
}

@test "vmm: without a command, off a terminal, it is a usage error" {
  run_vmm 2
  assert_stderr_is_one_line "which command"
  run_vmm 2 --frob ls
  assert_stderr_is_one_line "^vmm: --frob: unknown option"
  run_vmm 2 -c
}

@test "vmm: a signal's status passes through" {
  printf '#!/bin/sh\nkill -TERM $$\n' >"$BATS_TEST_TMPDIR/vmm-die"
  chmod +x "$BATS_TEST_TMPDIR/vmm-die"
  VMM_EXEC_PATH=$BATS_TEST_TMPDIR run -143 vmm die
}

@test "vmm: does not load libvirt" {
  run ldd "$VMM_BUILDDIR/cmd/vmm"
  refute_match libvirt
}

@test "vmm: a directory does not hide a command" {
  mkdir "$BATS_TEST_TMPDIR/vmm-ls"
  run_vmm --exec-path="$BATS_TEST_TMPDIR" ls
  assert_output /test
}
