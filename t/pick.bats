# vmm pick: real fzf in a terminal, real wofi on a desktop; for the protocol of
# the others a program that is like dmenu.
#
# check: release: no C of ours is beneath it but what screen.bats runs

load helpers
load desktop

setup_file() {
  start_desktop
}

setup() {
  fake=$BATS_TEST_TMPDIR/fake
  list=$BATS_TEST_TMPDIR/list
  out=$BATS_TEST_TMPDIR/out
  printf '%s\t%s\n' k1 web1 k2 'a <b>&amp; \c' k3 same k4 same >"$list"
}

teardown() {
  tmux -L "vmm-pick$$" kill-server 2>/dev/null || :
}

# picker_says SCRIPT: $fake is a picker; what it was sent is $fake.in, and its
# arguments are $fake.args
picker_says() {
  printf '#!/bin/sh\nprintf "%%s\\n" "$@" >"%s"\ncat >"%s"\n%s\n' \
    "$fake.args" "$fake.in" "$1" >"$fake"
  chmod +x "$fake"
}

# ---- what all have in common ---------------------------------------------------

@test "pick: the key of what was chosen is printed; same labels stay apart" {
  picker_says 'echo "same (2)"'
  run_vmm pick --picker="$fake" --prompt=which <"$list"
  assert_output k4
  assert_stderr_is_empty
  assert_equal "$(<"$fake.in")" 'web1
a <b>&amp; \c
same
same (2)'
  assert_equal "$(paste -sd' ' "$fake.args")" "-p which"
}

@test "pick: several that were chosen, one a line; arguments for the picker" {
  picker_says 'printf "web1\nsame\n"'
  run_vmm pick --picker="$fake -x  1" --multi -- --more '*' <"$list"
  assert_output 'k1
k3'
  assert_equal "$(paste -sd' ' "$fake.args")" "-x 1 -p  --more *"
}

@test "pick: what is no line of the list is nothing, and with --text an answer" {
  picker_says 'echo "we <b>"'
  run_vmm 1 pick --picker="$fake" <"$list"
  assert_output ''
  run_vmm pick --picker="$fake" --text <"$list"
  assert_output 'we <b>'
  run_vmm pick --picker="$fake" --text </dev/null
  assert_output 'we <b>'
  picker_says 'echo web1'
  run_vmm pick --picker="$fake" --text <"$list"
  assert_output k1
}

@test "pick: cancelled is status 1 and silent, whatever the picker's status" {
  for end in 'exit 1' 'exit 0' 'exit 130' 'echo; exit 0'; do
    picker_says "$end"
    run_vmm 1 pick --picker="$fake" <"$list"
    assert_output ''
    assert_stderr_is_empty
    run_vmm 1 pick --picker="$fake" --text <"$list"
    assert_output ''
  done
}

@test "pick: nothing to choose from is status 1, and no picker is started" {
  picker_says 'echo web1'
  run_vmm 1 pick --picker="$fake" </dev/null
  assert_output ''
  [[ ! -e $fake.args ]]
}

@test "pick: a picker that is not there is status 127, naming it and the setting" {
  run_vmm 127 pick --picker='no-such-picker -d' <"$list"
  assert_stderr_is_one_line "'no-such-picker' is not installed; menu.picker"
  VMM_CONFIG=menu.picker=x run_vmm 127 pick --picker=no-such-picker --password
  assert_stderr_is_one_line "'no-such-picker' is not installed"
}

@test "pick: the configuration says which picker; a display is found" {
  picker_says 'echo web1'
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\npicker = %s\n' "$fake" >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm pick <"$list"
  rm "$XDG_CONFIG_HOME/vmm/config"
  assert_output k1
  # not the bats's terminal, if it has one
  run -127 --separate-stderr env -u WAYLAND_DISPLAY -u DISPLAY setsid -w \
    vmm pick <"$list"
  assert_stderr_is_one_line 'neither a terminal nor a display'
  ln -s "$fake" "$BATS_TEST_TMPDIR/rofi"
  DISPLAY=:1 WAYLAND_DISPLAY='' PATH=$BATS_TEST_TMPDIR:$PATH run_vmm pick \
    --header='1 < 2' <"$list"
  assert_output k1
  assert_equal "$(paste -sd' ' "$fake.args")" \
    "-dmenu -i -mesg 1 &lt; 2 -no-custom -p "
}

@test "pick: a picker that can hide nothing is not asked for a password" {
  picker_says 'echo secret'
  run_vmm 127 pick --picker="$fake" --password
  assert_stderr_is_one_line "'$fake' is not known to hide a password"
  ln -s "$fake" "$BATS_TEST_TMPDIR/fuzzel"
  run_vmm pick --picker="$BATS_TEST_TMPDIR/fuzzel -d" --password --prompt='a b'
  assert_output secret
  assert_equal "$(paste -sd' ' "$fake.args")" "-d --password -p a b"
}

@test "pick: nothing is left behind, not even by a signal" {
  picker_says "kill -TERM \$PPID; echo web1"
  run_vmm 143 pick --picker="$fake" <"$list"
  assert_output ''
  run -0 find "$TMPDIR" -name 'vmm-pick*'
  assert_output ''
}

# ---- fzf in a terminal ---------------------------------------------------------

# terminal COMMAND: in a shell in tmux; its status is on the screen. There said
# prints, and waits for Enter: the next fzf would cover it.
terminal() {
  type -P fzf tmux >/dev/null || skip "fzf or tmux is not installed"
  tmux -L "vmm-pick$$" -f /dev/null new-session -d -x 80 -y 20 \
    "said() { echo \"\$@\"; read -r _; }
    $1; echo STATUS \$?; exec cat" 3>&-
}

keys() {
  tmux -L "vmm-pick$$" send-keys "$@"
}

on_screen() {
  tmux -L "vmm-pick$$" capture-pane -p | grep -qE -e "$1"
}

sees() {
  wait_until 20 on_screen "$1" ||
    fail "$(tmux -L "vmm-pick$$" capture-pane -p)"
}

misses() {
  ! on_screen "$1" || fail "should not be there: $1"
}

@test "pick: fzf hides keys, and does not search them" {
  terminal "vmm pick --header='a header' <'$list' >'$out'"
  sees 'a header'
  sees '^ *a <b>&amp; \\c'
  misses 'k[1-4]'
  keys k1
  sees '^> k1'
  misses web1
  keys C-u am
  sees '^> *a <b>&amp; '
  keys Enter
  sees 'STATUS 0'
  assert_equal "$(<"$out")" k2
}

@test "pick: fzf, Escape is status 1; --multi prints all that were marked" {
  terminal "vmm pick <'$list' >'$out'; said FIRST \$?; vmm pick --multi <'$list' >'$out'"
  sees '^> web1'
  keys Escape
  sees 'FIRST 1'
  keys Enter
  sees '^> web1'
  keys Tab Tab Enter # which moves on by itself
  sees 'STATUS 0'
  assert_equal "$(<"$out")" 'k1
k2'
}

@test "pick: fzf gives who types fast, or before it is there, what was typed" {
  seq 20000 | awk '{ print "k" $1 "\tvm" $1 "x" }' >"$list"
  terminal "sleep 0.3; vmm pick <'$list' >'$out'; said FIRST \$?; vmm pick <'$list' >>'$out'"
  keys -l vm19999x
  keys Enter
  sees 'FIRST 0'
  keys Enter
  sees '^> vm1x'
  keys -l vm777x
  keys Enter
  sees 'STATUS 0'
  assert_equal "$(<"$out")" 'k19999
k777'
}

# among_many: a list of so many lines that it takes time to find vm9, the last one,
# and not the first, which has it in it
among_many() {
  {
    printf 'bad\tvm9 old\n'
    seq 20000 | awk '{ print "k" $1 "\thost" $1 }'
    printf 'good\tvm9\n'
  } >"$list"
}

@test "pick: fzf, typed fast: the best line, not the first that has it too" {
  among_many
  terminal "vmm pick --prompt=which <'$list' >'$out'; said FIRST \$?
    vmm pick --prompt=which <'$list' >>'$out'"
  sees '^> vm9 old'
  keys -l vm9
  keys Enter
  sees 'FIRST 0'
  keys Enter
  # and who looks for another one gets that
  sees '^> vm9 old'
  keys -l vm9
  sees '^> vm9 *$'
  keys Down
  sees '^> vm9 old'
  keys Enter
  sees 'STATUS 0'
  assert_equal "$(<"$out")" $'good\nbad'
}

@test "pick: fzf, the cursor is moved before what was typed is found: no other line" {
  among_many
  terminal "vmm pick --prompt=which <'$list' >'$out'"
  sees '^> vm9 old'
  keys -l vm9
  keys Down
  sees '^  vm9 *$'
  sees '^> vm9 old'
  keys Enter
  sees 'STATUS 0'
  assert_equal "$(<"$out")" bad
}

@test "pick: fzf, a line that was clicked on is meant, though it was the first one before" {
  printf '%s\t%s\n' bad 'vm9 old' other web good vm9 >"$list"
  # pressed and released at column 5, line 3; twice, which chooses it
  click='1b 5b 3c 30 3b 35 3b 33 4d 1b 5b 3c 30 3b 35 3b 33 6d'
  terminal "vmm pick --prompt=which <'$list' >'$out'; said FIRST \$?
    vmm pick --prompt=which <'$list' >>'$out'"
  sees '^> vm9 old'
  keys -l vm9
  sees '^> vm9 *$'
  keys -H $click
  sees '^> vm9 old'
  keys Enter
  sees 'FIRST 0'
  keys Enter
  sees '^> vm9 old'
  keys -l vm9
  sees '^> vm9 *$'
  keys -H $click $click
  sees 'STATUS 0'
  assert_equal "$(<"$out")" $'bad\nbad'
}

@test "pick: fzf, a key that somebody's own options bind chooses too" {
  terminal "FZF_DEFAULT_OPTS=--bind=ctrl-y:accept vmm pick --prompt=which <'$list' >'$out'"
  sees '^> web1'
  keys -l same
  sees '^> same'
  keys Down C-y
  sees 'STATUS 0'
  assert_equal "$(<"$out")" k4
}

@test "pick: fzf with arguments of its own, which leave lines out of the list" {
  terminal "vmm pick --prompt=which -- --header-lines=1 <'$list' >'$out'"
  sees '^> a <b>'
  keys Down
  sees '^> same'
  keys Enter
  sees 'STATUS 0'
  assert_equal "$(<"$out")" k3
}

# early_fzf AT QUERY LINE...: sets $fake to an fzf that tells of a search before the
# one for what was typed, which had this line, or none, with the cursor AT the line,
# the marked ones, the first one; after that it is the real one
early_fzf() {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  fake=$BATS_TEST_TMPDIR/bin/fzf
  printf '%s\n' "${@:2}" >"$fake.says"
  cat >"$fake" <<END
#!/bin/sh
printf '%s\n' "\$@" >>"$fake.args"
if [ -e "$fake.says" ]; then
  cat "$fake.says"
  rm "$fake.says"
  printf '%s' '$1' >"\$VMM_PICK_AT"
  exit $(($# == 2))
fi
exec "$(type -P fzf)" "\$@"
END
  chmod +x "$fake"
}

# early AT QUERY LINE: what is chosen then, without a word to anybody
early() {
  early_fzf "$@"
  run_vmm pick ${multi:+--multi} --picker="$fake" <"$list"
}

@test "pick: fzf that tells of an earlier search: what was typed is looked for" {
  early $'1 1\n1\n' same $'1\tweb1'
  assert_output k3
  early $'4 4\n3\n' same $'3\tsame'
  assert_output k4
  early '' a
  assert_output k2
  early $'2 2\n1\n' '' $'1\tweb1'
  assert_output k2
  early '' same $'4\tsame'
  assert_output k4
  # what was marked is meant
  multi=yes
  early $'1 3\n1\n' a $'3\tsame'
  assert_output k3
  early $'1 1 4\n1\n' a $'1\tweb1\n4\tsame'
  assert_output $'k1\nk4'
  multi=''
  early_fzf '' none
  run_vmm 1 pick --picker="$fake" <"$list"
  assert_output ''
}

@test "pick: fzf that tells of an earlier search, where a line was chosen, asks again" {
  for case in 'moved|2 2
1
|' "own key||" 'may be marked|1 1
1
|--multi'; do
    IFS='|' read -r -d '' what at multi <<<"$case" || :
    multi=${multi%$'\n'}
    early_fzf "$at" same $'1\tweb1'
    terminal "vmm pick $multi --prompt=which --picker='$fake' -- --query=web \\
      <'$list' >'$out'"
    sees '^> same' || fail "$what"
    assert_match '^--query=same$' "$(<"$fake.args")"
    keys Down
    keys Enter
    sees 'STATUS 0'
    assert_equal "$(<"$out")" k4
    rm "$fake.args"
    teardown
  done
}

@test "pick: fzf takes what was typed with --text" {
  terminal "vmm pick --text --prompt=name <'$list' >'$out'; said FIRST \$?
    vmm pick --text <'$list' >>'$out'; said SECOND \$?
    vmm pick --text </dev/null >>'$out'"
  sees '^name >'
  keys -l 'new one'
  keys Enter
  sees 'FIRST 0'
  keys Enter
  keys -l 'web'
  sees '^> web1'
  keys M-Enter
  sees 'SECOND 0'
  keys Enter
  keys -l 'none'
  keys Enter
  sees 'STATUS 0'
  assert_equal "$(<"$out")" 'new one
web
none'
}

@test "pick: a password on a terminal is not echoed, and the echo is back after" {
  terminal "vmm pick --password --prompt='your <b>word' >'$out'; stty -a | grep -o ' echo '"
  sees 'your <b>word:'
  keys -l 's3 cret\'
  keys Enter
  sees 'STATUS 0'
  misses s3
  assert_equal "$(<"$out")" 's3 cret\'
}

@test "pick: the echo is back after Ctrl-C, and after a signal" {
  terminal "vmm pick --password; echo FIRST \$?; stty -a | grep -o ' echo '
    sh -c 'echo \$\$ >$out; exec vmm pick --password --prompt=again'
    stty -a | grep -o ' echo ' >$out.echo"
  sees 'Password:'
  keys C-c
  sees 'FIRST 1'
  sees '^ echo'
  sees 'again:'
  kill -TERM "$(<"$out")"
  sees 'STATUS 0'
}

# ---- wofi on a desktop ---------------------------------------------------------

# wofi_pick ARG...: in the background, as $picking
wofi_pick() {
  need_desktop
  asks vmm pick --picker=wofi "$@" <"$list" >"$out" 2>"$out.err"
}

@test "pick: wofi shows markup as text, and types fast" {
  wofi_pick --prompt=which
  presses 'B>&amp; \c' -k Return
  picked 0
  assert_equal "$(<"$out")" k2
  printf '%s\t%s\n' k1 'the web' k2 web >"$list"
  wofi_pick
  presses we -k Return
  picked 0
  assert_equal "$(<"$out")" k2
  wofi_pick
  presses -k Return
  picked 0
  assert_equal "$(<"$out")" k1
}

@test "pick: wofi keeps same labels apart, and does not search keys" {
  wofi_pick
  presses -k Down -k Down -k Down -k Return
  picked 0
  assert_equal "$(<"$out")" k4
  wofi_pick
  presses '<!--1' -k Return
  picked 1
  assert_equal "$(<"$out")" ''
}

@test "pick: wofi, Escape is status 1" {
  wofi_pick
  presses -k Escape
  picked 1
  assert_equal "$(<"$out")" ''
}

@test "pick: wofi takes what was typed with --text, suggestions or not" {
  wofi_pick --text --prompt='Rename to'
  presses '<new>' -k Return
  picked 0
  assert_equal "$(<"$out")" '<new>'
  : >"$list"
  wofi_pick --text --prompt='Rename to'
  presses name -k Return # which is in the question, too
  picked 0
  assert_equal "$(<"$out")" 'name'
  wofi_pick --text --prompt='Rename to'
  presses -k Return
  picked 1
  assert_equal "$(<"$out")" ''
}

@test "pick: wofi asks for a password" {
  wofi_pick --password --prompt='The password of astro'
  presses 'pass s3cret' -k Return
  picked 0
  assert_equal "$(<"$out")" 'pass s3cret'
  wofi_pick --password --prompt='The password of astro'
  presses -k Escape
  picked 1
}
