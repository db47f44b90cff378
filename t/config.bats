# vmm config: what the configuration is, to scripts.

load helpers

setup() {
  mkdir -p "$XDG_CONFIG_HOME/vmm" "$BATS_TEST_TMPDIR/system/vmm"
  export XDG_CONFIG_DIRS=$BATS_TEST_TMPDIR/system
}

teardown() {
  rm -rf "$XDG_CONFIG_HOME/vmm"
}

# user LINE...: the user's file; system LINE...: the system's
user() {
  printf '%s\n' "$@" >"$XDG_CONFIG_HOME/vmm/config"
}

system() {
  printf '%s\n' "$@" >"$XDG_CONFIG_DIRS/vmm/config"
}

@test "config: get prints a value as it was written" {
  user '[menu]' '  picker = "fuzzel -d  \"a\\b\"" # comment' '[my]' 'own = x'
  run_vmm config get menu.picker
  assert_output 'fuzzel -d  "a\b"'
  run_vmm config get my.own
  assert_output x
  run_vmm config -0 get my.own
  assert_stderr_is_empty
}

@test "config: get prints what is built in; without that status 1, and silence" {
  run_vmm config get menu.icons
  assert_output plain
  run_vmm 1 config get menu.terminal
  assert_output ""
  assert_stderr_is_empty
  run_vmm 1 config get no.such
  assert_output ""
  assert_stderr_is_empty
}

@test "config: the user's file goes before the system's; empty is what is built in" {
  user '[menu]' 'icons = nerd' 'confirm =' 'key-start ='
  system '[menu]' 'icons = none' 'stay = yes' 'confirm = no'
  run_vmm config get menu.icons
  assert_output nerd
  run_vmm config get menu.stay
  assert_output yes
  run_vmm config get menu.confirm
  assert_output yes
  run_vmm config get menu.key-start
  assert_output ""
}

@test "config: list prints all that have a value, each once, escaped" {
  user '[core]' 'uri = test:///default' '[my]' 'a = "x\\y"' 'a = later' \
    '[menu]' 'key-start = ctrl-s'
  run_vmm config list
  assert_output 'core.uri=test:///default
menu.picker=auto
menu.icons=plain
menu.stay=auto
menu.confirm=yes
viewer.command=virt-viewer %a --connect %u --uuid %i
my.a=x\\y
menu.key-start=ctrl-s'
  assert_stderr_is_empty
  vmm config -0 list >"$BATS_TEST_TMPDIR/raw"
  assert_equal "$(tr '\0' '\n' <"$BATS_TEST_TMPDIR/raw" | grep '^my')" 'my.a=x\y'
}

@test "config: a setting that no command knows is a warning in our sections" {
  user '[menu]' 'pikcer = fzf' '[my]' 'own = x'
  run_vmm config list
  assert_line menu.pikcer=fzf
  assert_line my.own=x
  assert_stderr_is_one_line "warning: no command knows the setting 'menu.pikcer'"
}

@test "config: a value that a setting cannot have is status 2, and names them" {
  user '[menu]' 'icons = fancy' '[core]' 'jobs = 0'
  run_vmm 2 config get menu.icons
  assert_output ""
  assert_stderr_is_one_line "^vmm-config: menu.icons takes plain, nerd or none, not 'fancy'$"
  run_vmm 2 config get core.jobs
  assert_stderr_is_one_line "^vmm-config: core.jobs takes a number from 1 to 999999, not '0'$"
  run_vmm 2 config list
  assert_line menu.confirm=yes
  refute_match icons
}

@test "config: asks no host" {
  LIBVIRT_DEFAULT_URI=nonsense:/// run_vmm config get menu.icons
  run_vmm config -c nonsense:/// list
}

@test "config: a wrong command line is status 2" {
  local words
  for words in '' get 'get a b' 'list x' 'set a b' '--known get menu.icons'; do
    # shellcheck disable=SC2086 # words
    run_vmm 2 config $words
    assert_stderr_is_one_line "^vmm-config: 'get KEY', 'list' or 'list --known'"
  done
}

@test "config: vmm-config(5) has exactly the settings that there are" {
  run_vmm config list --known
  diff <(cut -f1 <<<"$output" | sort) \
    <(sed -n 's/^\.It Va //p' "$VMM_SRCDIR/man/vmm-config.5" | sort)
  # and what is built in
  while IFS=$'\t' read -r name default _; do
    [[ $default == - ]] || sed -n "/^.It Va $name/,/^.It Va/p" \
      "$VMM_SRCDIR/man/vmm-config.5" | grep -qF -e "$default" ||
      fail "vmm-config(5) does not say that $name is $default"
  done <<<"$output"
}

@test "config: it does not load libvirt, which takes longer than all it does" {
  LD_TRACE_LOADED_OBJECTS=1 "$VMM_EXEC_PATH/vmm-ls" >"$BATS_TEST_TMPDIR/ls"
  LD_TRACE_LOADED_OBJECTS=1 "$VMM_EXEC_PATH/vmm-config" >"$BATS_TEST_TMPDIR/config"
  grep -q libvirt "$BATS_TEST_TMPDIR/ls"
  ! grep libvirt "$BATS_TEST_TMPDIR/config" || fail "it does"
}
