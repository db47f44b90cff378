# vmm edit: definitions in an editor, and no edit lost.

load helpers

# shellcheck disable=SC2016 # the dollars are the editor's

setup() {
  export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state TMUX_TMPDIR=$BATS_TEST_TMPDIR
  unset VISUAL TMUX
  export EDITOR=$BATS_TEST_TMPDIR/editor
  export EDITED=$BATS_TEST_TMPDIR/edited # what the editor was given
  mkdir -p "$XDG_CONFIG_HOME/vmm"
}

teardown() {
  tmux kill-server 2>/dev/null || :
  rm -rf "$XDG_CONFIG_HOME/vmm"
  drop_guests
}

# editor LINE...: an editor that does LINE... to $file
editor() {
  # shellcheck disable=SC2016 # the dollars are the editor's
  printf '%s\n' '#!/bin/sh' 'for file; do :; done' 'echo "$@" >>"$EDITED"' \
    "$@" >"$EDITOR"
  chmod +x "$EDITOR"
}

# titles TEXT: an editor's line, that gives the VM a title
titles() {
  echo "sed -i \"s|</name>|</name><title>$1</title>|\" \"\$file\""
}

title() {
  vmm ls -o title "$1"
}

# kept: the file in which an edit was kept, of $stderr
kept() {
  sed -n "s/.*; your edit is kept in '\(.*\)'$/\1/p" <<<"$stderr"
}

no_edits() {
  [[ ! $(ls -A "$XDG_STATE_HOME/vmm/edit") ]] ||
    fail "left: $(ls "$XDG_STATE_HOME/vmm/edit")"
}

@test "edit: what the editor makes of the definition is defined" {
  guest web1 /lab web
  editor "$(titles new)" 'stat -c "%a" "$file" "${file%/*}" >"$EDITED.mode"'
  run_vmm edit web1
  assert_output ""
  assert_stderr_is_empty
  assert_equal "$(title web1)" new
  assert_equal "$(vmm ls -o path,labels web1)" $'/lab/web1\tweb'
  assert_equal "$(<"$EDITED.mode")" $'600\n700'
  no_edits
}

@test "edit: no place for the file, no editor that can be understood, no file" {
  guest web1
  editor "$(titles new)"
  touch "$BATS_TEST_TMPDIR/file"
  XDG_STATE_HOME=$BATS_TEST_TMPDIR/file run_vmm 1 edit web1
  assert_stderr_is_one_line "^vmm-edit: cannot edit '/web1': cannot write '.*/file/vmm/edit/.*[.]xml': Not a directory"
  EDITOR="'vi" run_vmm 2 edit web1
  assert_stderr_is_one_line "cannot edit '/web1': the editor ''vi': "
  editor 'rm "$file"'
  run_vmm 1 edit web1
  assert_stderr_is_one_line "cannot edit '/web1': cannot read '.*[.]xml': No such file or directory"
  assert_equal "$(title web1)" -
}

@test "edit: left as it was nothing is done" {
  guest web1
  editor
  run_vmm edit web1
  assert_stderr_is_one_line "'/web1' was not changed"
  run_vmm edit -q web1
  assert_stderr_is_empty
  no_edits
}

@test "edit: passwords are part of it" {
  guest web1
  virsh dumpxml --inactive web1 |
    sed "s|<video>|<graphics type='vnc' passwd='s3cret'/><video>|; s/<model type='none'/<model type='vga'/" |
    virsh -q define /dev/stdin
  editor 'grep -q "passwd=.s3cret." "$file" || exit 9' "$(titles new)"
  run_vmm edit web1
  assert_match s3cret "$(virsh dumpxml --inactive --security-info web1)"
}

@test "edit: a VM that runs changes at its next start, and that is said" {
  up web1
  editor "$(titles new)"
  run_vmm edit web1
  assert_stderr_is_one_line "'/web1' was changed, from its next start on"
  assert_match '<title>new' "$(virsh dumpxml --inactive web1)"
  refute_match '<title>new' "$(virsh dumpxml web1)"
}

@test "edit: without a terminal a bad edit is kept, and named" {
  guest web1
  editor "$(titles new)" 'sed -i "s/<memory/<momory/" "$file"'
  run_vmm 1 edit web1 </dev/null
  assert_stderr_is_one_line "^vmm-edit: cannot edit '/web1': .*; your edit is kept in '.*/vmm/edit/"
  assert_match momory "$(<"$(kept)")"
  assert_equal "$(stat -c %a "$(kept)")" 600
  assert_equal "$(title web1)" -
  editor 'echo "no XML" >"$file"'
  run_vmm 1 edit web1 </dev/null
  assert_equal "$(<"$(kept)")" "no XML"
}

@test "edit: another name or UUID is refused, and the way named" {
  guest web1
  editor 'sed -i "s|<name>web1|<name>web2|" "$file"'
  run_vmm 1 edit web1 </dev/null
  assert_stderr_is_one_line "'vmm rename' does that; your edit is kept"
  editor 'sed -i "s|<uuid>.|<uuid>|; s|</uuid>|0</uuid>|" "$file"'
  run_vmm 1 edit web1 </dev/null
  assert_stderr_is_one_line "its UUID.*'vmm clone'"
  editor 'sed -i "/<uuid>/d" "$file"'
  run_vmm 1 edit web1 </dev/null
  assert_stderr_is_one_line "its UUID"
  run_vmm ls
  assert_output /web1
}

@test "edit: what somebody else changed meanwhile is not overwritten" {
  guest web1
  editor "$(titles mine)" 'virsh -q desc --config --title web1 theirs'
  run_vmm 4 edit web1
  assert_stderr_is_one_line "somebody else changed it meanwhile; .*; your edit is kept in"
  assert_equal "$(title web1)" theirs
  assert_match mine "$(<"$(kept)")"
}

@test "edit: a linked clone made meanwhile keeps its base" {
  local base
  GUEST_FORMAT=qcow2 guest web1
  base=$(vmm ls -o base web1)
  editor "$(titles mine)" 'vmm -c "$LIBVIRT_DEFAULT_URI" clone -q --linked web1 web2'
  run_vmm 4 edit web1
  assert_line /web2
  refute_line x
  [[ $(vmm ls -o base web1) != "$base" ]]
  run_vmm fsck
  assert_output ""
}

@test "edit: a VM removed meanwhile, and a lost connection, lose no edit" {
  guest web1
  editor "$(titles mine)" 'virsh -q undefine web1'
  run_vmm 1 edit web1
  assert_stderr_is_one_line "it was removed meanwhile; your edit is kept"
  guest web2
  editor "$(titles mine)" "'$VMM_SRCDIR/scripts/sandbox' --daemon kill"
  run_vmm 3 edit web2
  assert_stderr_is_one_line "your edit is kept in"
  assert_match mine "$(<"$(kept)")"
  daemon start
}

@test "edit: a daemon that was restarted meanwhile is no loss" {
  guest web1
  editor "$(titles mine)" "'$VMM_SRCDIR/scripts/sandbox' --daemon kill" \
    "'$VMM_SRCDIR/scripts/sandbox' --daemon start"
  run_vmm edit web1
  assert_equal "$(title web1)" mine
}

@test "edit: SIGTERM ends the editor, and the edit is kept" {
  guest web1
  # shellcheck disable=SC2016 # the dollars are the editor's
  editor "$(titles mine)" 'echo $$ >"$EDITED.pid"' 'exec sleep 60'
  (close_fds && exec vmm edit web1) 2>"$BATS_TEST_TMPDIR/err" &
  local pid=$!
  wait_until 10 test -s "$EDITED.pid"
  kill -TERM "$pid"
  assert_ends "$pid" 143
  [[ ! -d /proc/$(<"$EDITED.pid") ]]
  stderr=$(<"$BATS_TEST_TMPDIR/err")
  assert_match mine "$(<"$(kept)")"
  assert_equal "$(title web1)" -
}

@test "edit: an editor that fails or is not there changes nothing" {
  guest web1
  editor 'exit 1'
  run_vmm 1 edit web1
  assert_stderr_is_one_line "the editor '.*' ended with status 1$"
  editor "$(titles mine)" 'exit 1'
  run_vmm 1 edit web1
  assert_stderr_is_one_line "ended with status 1; your edit is kept"
  EDITOR=/no/such run_vmm 1 edit web1
  assert_stderr_is_one_line "cannot run '/no/such': there is no such program; core.editor in vmm-config\(5\) names another"
  assert_equal "$(title web1)" -
}

@test "edit: core.editor goes before VISUAL, that before EDITOR; words are words" {
  guest web1
  editor
  export VISUAL="$EDITOR --visual 'a  b'"
  EDITOR=/no/such run_vmm edit web1
  assert_match "^--visual a  b /.*[.]xml$" "$(<"$EDITED")"
  printf '[core]\neditor = %s --ours\n' "$EDITOR" >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm edit web1
  assert_match "^--ours /" "$(<"$EDITED")"
}

@test "edit: exactly one VM, which has a definition" {
  guest web1
  guest web2
  editor "$(titles x)"
  run_vmm 1 edit 'web?'
  assert_stderr_is_one_line "'web\?' is 2 VMs; one at a time"
  run_vmm 2 edit
  run_vmm 1 edit nobody
  virsh -q 'start web1; undefine web1'
  run_vmm 1 edit web1
  assert_stderr_is_one_line "it is transient"
}

# shows ERE: until the terminal has such a line
shows() {
  wait_until 15 screen_has "$1" || fail "the screen is:" "$(tmux capture-pane -pJ)"
}

screen_has() {
  grep -qE -e "$1" <<<"$(tmux capture-pane -pJ 2>&1)"
}

@test "edit: on a terminal a bad edit is offered again, as it was left" {
  type -P tmux >/dev/null || skip "tmux is not installed"
  guest web1
  # each time the next of these
  editor 'case $(wc -l <"$EDITED") in' \
    "1) $(titles mine); sed -i 's/<memory/<momory/' \"\$file\" ;;" \
    "2) sed -i 's/<momory/<memory/; s/<.memory/<x-y\/>&/' \"\$file\" ;;" \
    "3) sed -i 's/<x-y.>//; s/<devices>/&<unknown\/>/' \"\$file\" ;;" 'esac'
  (close_fds && tmux -f /dev/null new-session -d -x 200 -y 40 \
    "vmm edit web1; echo status \$?; cat")
  shows "cannot define '/web1': "
  shows 'Edit it again\? .y.es, .n.o'
  tmux send-keys y Enter
  wait_until 10 edits 2
  wait_until 10 asked 2
  tmux send-keys y Enter
  wait_until 10 edits 3
  wait_until 10 asked 3
  shows 'orce: define it as it is'
  tmux send-keys f Enter
  shows '^status 0'
  assert_equal "$(title web1)" mine
  no_edits
}

# asked COUNT: so often
asked() {
  (($(tmux capture-pane -pJ | grep -c 'Edit it again') == $1))
}

# edits COUNT: the editor was run so often
edits() {
  (($(wc -l <"$EDITED") == $1))
}

@test "edit: Ctrl-C at the question keeps the edit; in the editor it is the editor's" {
  type -P tmux >/dev/null || skip "tmux is not installed"
  guest web1
  editor 'trap "echo >\"$EDITED.int\"" INT' 'echo >"$EDITED.up"' \
    'while [ ! -e "$EDITED.int" ]; do sleep 0.1; done' \
    "$(titles mine)" 'sed -i "s/<memory/<momory/" "$file"'
  (close_fds && tmux -f /dev/null new-session -d -x 200 -y 40 \
    "trap : INT; vmm edit web1; echo status \$?; cat")
  wait_until 10 test -e "$EDITED.up"
  tmux send-keys C-c
  shows 'Edit it again'
  tmux send-keys C-c
  shows 'your edit is kept in'
  shows '^status 130'
  assert_match momory "$(cat "$XDG_STATE_HOME"/vmm/edit/*.xml)"
}
