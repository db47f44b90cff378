# vmm menu on a desktop, with a picker and notifications that are scripts: which
# ones there are really is not its business. $ANSWERS has what the user does at
# each screen: an ERE for the label to choose, or nothing for Escape.
#
# check: release: no C of ours is beneath it but what screen.bats runs

load helpers
load menu

setup() {
  export LOG=$BATS_TEST_TMPDIR/log ANSWERS=$BATS_TEST_TMPDIR/answers
  mkdir "$BATS_TEST_TMPDIR/bin"
  cat >"$BATS_TEST_TMPDIR/bin/vmm-pick" <<'END'
#!/bin/bash
printf 'pick %s\n' "$*" >>"$LOG"
read -r answer <"$ANSWERS"
sed -i 1d "$ANSWERS"
[[ $* == *--text* ]] && { printf '%s\n' "$answer"; exit; }
tee -a "$LOG" >"$LOG.lines"
[[ $answer ]] || exit 1
grep -m 1 -E -e $'\t'".*$answer" "$LOG.lines" | cut -f1
[[ ${PIPESTATUS[0]} == 0 ]] || exit 1
END
  cat >"$BATS_TEST_TMPDIR/bin/vmm-notify" <<'END'
#!/bin/bash
title=()
while [[ $1 != -- ]]; do title+=("$1"); shift; done
shift
"$@" >"$LOG.out" 2>"$LOG.err"
status=$?
printf 'notify %s: %s %s\n' "${title[*]}" "$status" "$(cat "$LOG.out" "$LOG.err")" >>"$LOG"
exit $status
END
  cat >"$BATS_TEST_TMPDIR/bin/term" <<'END'
#!/bin/bash
printf 'term'  >>"$LOG"
printf ' <%s>' "${@:3}" >>"$LOG"
END
  chmod +x "$BATS_TEST_TMPDIR/bin/"*
  export VMM_EXEC_PATH=$BATS_TEST_TMPDIR/bin:$VMM_EXEC_PATH
  export PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# answers [ANSWER...]
answers() {
  printf '%s\n' "$@" >"$ANSWERS"
}

# logged ERE
logged() {
  assert_match "$1" "$(<"$LOG")"
}

@test "menu: one action on a desktop, its notification, and it is over" {
  guest web1 /lab
  answers 'Browse all' '/lab/web1' 'Start$'
  run_vmm menu --picker=wofi
  assert_equal "$(vm_state web1)" running
  logged '^pick --picker=wofi --prompt=vmm$'
  logged '^pick --picker=wofi --prompt=/lab/web1$'
  logged '^notify --progress Start /lab/web1: 0 $'
  assert_equal "$(<"$ANSWERS")" ""
  answers 'Pause'
  run_vmm menu --picker=wofi web1
  logged '^notify Pause /lab/web1: 0 $'
  assert_equal "$(vm_state web1)" paused
}

@test "menu: Escape goes back one screen, and out of the first" {
  guest web1 /lab
  answers 'Folders' '/lab/' 'web1' '' '' '' ''
  run_vmm menu --picker=wofi
  assert_equal "$(grep -c '^pick' "$LOG")" 7
  assert_equal "$(<"$ANSWERS")" ""
}

@test "menu: what harms is asked for by name, No first; --yes does not ask" {
  up web1 /lab
  answers 'Force off' 'No'
  run_vmm menu --picker=wofi web1 < <(:)
  logged '--header=Force off: /lab/web1\?'
  assert_equal "$(sed -n '/--header/{n;p}' "$LOG")" $'no\tNo'
  assert_equal "$(vm_state web1)" running
  answers 'Force off'
  run_vmm menu --picker=wofi --yes web1
  assert_equal "$(vm_state web1)" "shut off"
}

@test "menu: a failure is told by the notification, and is the status" {
  guest web1 /lab
  rm "$SANDBOX_DISKS/web1.img"
  answers 'Start$'
  run_vmm 1 menu --picker=wofi web1
  logged "^notify --progress Start /lab/web1: 1 vmm-start: cannot start '/lab/web1'"
}

@test "menu: a VM that is gone is told, and the list is there again" {
  guest web1 /lab
  # the picker takes its time
  sed -i '2i [[ $* != *prompt=all* ]] || virsh -q undefine web1 2>/dev/null' \
    "$BATS_TEST_TMPDIR/bin/vmm-pick"
  answers 'Browse all' '/lab/web1' '' ''
  run_vmm menu --picker=wofi
  logged "^notify VM menu: 1 vmm-menu: no VM '[-0-9a-f]+'"
}

@test "menu: equal labels stay apart" {
  guest web1 /lab
  guest other /
  vmm mv other /lab/
  run_vmm rename other 'web1 '
  answers 'Browse all' 'web1 $' 'Start$'
  run_vmm menu --picker=wofi
  assert_equal "$(vm_state 'web1 ')" running
  assert_equal "$(vm_state web1)" "shut off"
}

@test "menu: what needs a terminal gets the configured one" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\nterminal = term -e\n' >"$XDG_CONFIG_HOME/vmm/config"
  guest web1 /lab
  answers 'Edit the definition'
  run_vmm menu --picker=wofi web1
  logged '^term <-c>'
  logged " <vmm> <[^>]*/opened> <edit> <$(vmm ls -o uuid web1)>"
}

@test "menu: a terminal that does not open is told" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\nterminal = false -e\n' >"$XDG_CONFIG_HOME/vmm/config"
  guest web1 /lab
  answers 'Edit the definition'
  run_vmm 1 menu --picker=wofi web1
  logged "^notify VM menu: 1 vmm-menu: the terminal 'false -e' did not open, status 1"
}

@test "menu: what is wrong before the first screen is told" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  run_vmm 3 -c qemu+unix:///system?socket=/nowhere menu --picker=wofi
  assert_stderr_is_one_line "^vmm-menu: cannot connect"
  logged "^notify VM menu: 1 vmm-menu: cannot connect"
  run_vmm 1 menu --picker=wofi nosuch
  logged "^notify VM menu: 1 vmm-menu: no VM or folder 'nosuch'"
  printf '[menu]\nstay = perhaps\n' >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm 2 menu --picker=wofi
  logged "^notify VM menu: 1 vmm-config: .*stay"
}

@test "menu: a setting may hold an equals sign and a backslash" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\nterminal = term -t a\\b=\n' >"$XDG_CONFIG_HOME/vmm/config"
  sed -i 's/{@:3}/@/' "$BATS_TEST_TMPDIR/bin/term"
  guest web1 /lab
  answers 'Edit the definition'
  run_vmm menu --picker=wofi web1
  logged '^term <-t> <a\\b=> <sh>'
}

@test "menu: names are typed, and taken as they are" {
  guest web1 /lab
  answers 'Rename' '$(touch pwned) `x`'
  run_vmm menu --picker=wofi web1
  run_vmm ls /lab
  assert_output '/lab/$(touch pwned) `x`'
}

@test "menu: with menu.stay=yes it goes on" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\nstay = yes\n' >"$XDG_CONFIG_HOME/vmm/config"
  guest web1 /lab
  answers 'Start$' 'Pause' 'Resume' ''
  run_vmm menu --picker=wofi web1
  assert_equal "$(grep -c '^notify' "$LOG")" 3
  assert_equal "$(vm_state web1)" running
}

@test "menu: a picker that is not there ends it with the picker's status" {
  printf '#!/bin/sh\necho no wofi >&2\nexit 127\n' \
    >"$BATS_TEST_TMPDIR/bin/vmm-pick"
  guest web1 /lab
  run_vmm 127 menu --picker=wofi
  assert_stderr_is_one_line '^no wofi$'
  run_vmm 127 menu --picker=wofi web1
}
