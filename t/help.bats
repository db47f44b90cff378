# vmm help: with a real man, on pages that are where nothing else has any.
#
# check: release: no C of ours is beneath it but what vmm.bats runs

load helpers

setup_file() {
  local page
  export MANPATH=$BATS_FILE_TMPDIR/man MANPAGER=cat MANWIDTH=80 LC_ALL=C.UTF-8
  for page in "$VMM_SRCDIR"/man/vmm*; do
    mkdir -p "$MANPATH/man${page##*.}"
    cp "$page" "$MANPATH/man${page##*.}"
  done
  chmod -R a+rX "$MANPATH"
}

setup() {
  type -P man >/dev/null || skip "man is not installed"
}

@test "help: a command's page, or vmm's; and what is no command but has one" {
  run_vmm help ls
  assert_match "vmm.ls . list" "$output"
  run_vmm help clone
  assert_match "VMM.CLONE\(1\)" "${lines[0]}"
  run_vmm help vmm-ls
  assert_match "vmm.ls . list" "$output"
  run_vmm help
  assert_match "VMM\(1\)" "${lines[0]}"
  run_vmm -c test:///default help vmm
  assert_match "VMM\(1\)" "${lines[0]}"
  run_vmm help -- scripting
  assert_match "VMM.SCRIPTING\(7\)" "${lines[0]}"
}

@test "help: no such page, no such name, too many, no man: one line each" {
  run_vmm 1 help lss
  assert_stderr_is_one_line "there is no man page 'vmm-lss'; 'vmm --list-cmds' lists the commands"
  run_vmm 2 help ../../etc/passwd
  assert_stderr_is_one_line "a command's name is letters, digits and dashes"
  run_vmm 2 help $'ls\e[2J'
  assert_stderr_is_one_line "a command's name is letters, digits and dashes"
  run_vmm 2 help ls mv
  assert_stderr_is_one_line "one command at a time"
  run_vmm 2 help $'-\e[2J'
  assert_stderr_is_one_line "unknown option"
  run_vmm 2 help --all
  assert_stderr_is_one_line "unknown option"
  run -1 --separate-stderr sh -c 'exec "$1" --help >/dev/full' - "$VMM_EXEC_PATH/vmm-help"
  assert_stderr_is_one_line "write error"
  local without=$BATS_TEST_TMPDIR/bin
  mkdir "$without"
  ln -s "$(type -P sh)" "$(type -P tr)" "$without"
  run -1 --separate-stderr env PATH="$without" "$VMM_EXEC_PATH/vmm-help" ls
  assert_stderr_is_one_line "'man' is not installed"
}

@test "help: pages that were installed with it are found wherever that is" {
  local dir=$BATS_TEST_TMPDIR
  sed "s|[@]mandir[@]|$MANPATH|" "$VMM_SRCDIR/scripts/vmm-help" >"$dir/vmm-help"
  chmod +x "$dir/vmm-help"
  MANPATH='' VMM_EXEC_PATH=$dir run_vmm help ls
  assert_match "vmm.ls . list" "$output"
}

@test "help: the shell completes commands" {
  run_vmm completion -- vmm help fla
  assert_match "^flatten" "$output"
}
