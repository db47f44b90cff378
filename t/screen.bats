# vmm screen: what a menu shows, and when it has changed.

load helpers

setup_file() {
  hold_test_driver
  test_vm web1 /lab web
  test_vm web2 /lab web db
  test_vm db1 /lab/databases db
  test_vm -dash /prod
  test_vm 'a "b" <i>&$(touch pwned)' '/odd & <b>' "it's" 'back\slash'
  test_vm plain
  virsh -q -c "$SANDBOX_TEST_URI" start web1
}

setup() {
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

# uuid NAME
uuid() {
  virsh -q domuuid --domain "$1" | head -n 1
}

# field N: of each line of $output
field() {
  cut -f "$1" <<<"$output"
}

@test "screen: every line has four fields, on every screen" {
  local screen
  for screen in main all folders labels connections; do
    run_vmm screen "$screen"
    [[ $output ]]
    assert_equal "$(awk -F'\t' 'NF != 4' <<<"$output")" ""
  done
  for screen in vm destinations labels-of clone clone-linked; do
    run_vmm screen "$screen" "$(uuid web1)"
    [[ $output ]]
    assert_equal "$(awk -F'\t' 'NF != 4' <<<"$output")" ""
  done
}

@test "screen: main has what runs, then the ways to all else" {
  run_vmm screen main
  assert_equal "${lines[0]}" \
    "$(uuid web1)"$'\tscreen vm {}\tmany\t● running      /lab/web1  #web'
  assert_equal "$(field 2 | tail -n +2)" "screen all
screen folders
screen labels
create
screen connections"
  assert_line $'-\tscreen all\t-\tBrowse all (6)'
}

@test "screen: a folder has its folders with their counts, then its VMs" {
  run_vmm screen folder /
  assert_equal "$(field 1 | head -n 3)" "/lab/
/odd & <b>/
/prod/"
  assert_line $'/lab/\tscreen folder {}\t-\t▸ lab/  (3)'
  run_vmm screen folder /lab/
  assert_equal "$(field 4)" "▸ databases/  (1)
● running      web1  #web
○ shutoff      web2  #web #db
Create a VM here"
  assert_line $'/lab/\tcreate --folder={}\t-\tCreate a VM here'
}

@test "screen: folders and labels are listed with their counts" {
  run_vmm screen folders
  assert_equal "$(field 4)" "▸ /  (6)
▸ /lab/  (3)
▸ /lab/databases/  (1)
▸ /odd & <b>/  (1)
▸ /prod/  (1)"
  run_vmm screen labels
  assert_line $'db\tscreen label {}\t-\t# db  (2)'
  run_vmm screen label db
  assert_equal "$(field 4)" "○ shutoff      /lab/databases/db1  #db
○ shutoff      /lab/web2  #web #db"
}

@test "screen: keys and labels are escaped, and --unescape undoes it" {
  run_vmm screen labels
  assert_line $'back\\\\slash\tscreen label {}\t-\t# back\\\\slash  (1)'
  run_vmm screen --unescape 'back\\slash'
  assert_output 'back\slash'
  run_vmm screen label 'back\slash'
  assert_match 'a "b" <i>&\$\(touch pwned\)'
  run_vmm screen --unescape -- -plain
  assert_output -plain
}

@test "screen: a VM's actions follow its state, which is what it is" {
  local id
  id=$(uuid db1)
  run_vmm screen vm "$id"
  assert_match $'^'"$id"$'\tstart [{]}\tlong,many\tStart$'
  refute_match 'stop'
  virsh -q start db1
  run_vmm screen vm "$id"
  assert_match $'\tstop [{]}\t'
  refute_match $'\tstart'
  virsh -q suspend db1
  run_vmm screen vm "$id"
  assert_equal "$(field 2 | head -n 1)" "resume {}"
  virsh -q managedsave db1
  run_vmm screen vm "$id"
  assert_equal "${lines[0]}" \
    "$id"$'\tstart {}\tlong,many\tRestore the saved state'
  assert_match $'\tsave --discard [{]}\tconfirm,many\t'
  run_vmm screen all
  assert_match 'saved +/lab/databases/db1'
  vmm save --discard db1
}

@test "screen: several VMs have what takes several" {
  local one two
  one=$(uuid web1) two=$(uuid web2)
  run_vmm screen vm "$one" "$two"
  assert_match "^$one $two"$'\tstart [{]}\t'
  assert_match "^$one $two"$'\tstop [{]}\t'
  assert_equal "$(field 3 | grep -v many)" ""
}

@test "screen: destinations are all folders but the one where all are" {
  run_vmm screen destinations "$(uuid web1)"
  refute_match '^/lab/'$'\t'
  assert_line $'/lab/databases/\tmv -- {vm} {}\t-\t▸ /lab/databases/  (1)'
  assert_line $'-\tmv -- {vm} /{text}\ttext\tAnother folder ...'
  run_vmm screen destinations "$(uuid web1)" "$(uuid plain)"
  assert_match '^/lab/'$'\t'
}

@test "screen: labels that can be deleted, and those that can be added" {
  run_vmm screen labels-of "$(uuid web2)"
  assert_equal "$(field 4 | head -n 2)" "- delete db
- delete web"
  refute_match 'add web'
  assert_line $'it\'s\tlabel --add={} -- {vm}\t-\t+ add it\'s'
  run_vmm screen labels-of "$(uuid web1)" "$(uuid web2)"
  assert_match 'delete db'
  assert_match 'add db'
}

@test "screen: a clone's name is one that is free" {
  run_vmm screen clone web1
  assert_equal "${lines[0]}" $'web1-clone\tclone -- {vm} {}\tlong\tweb1-clone'
  test_vm web1-clone
  run_vmm screen clone-linked web1
  assert_equal "${lines[0]}" \
    $'web1-clone2\tclone --linked -- {vm} {}\tlong\tweb1-clone2'
  virsh -q undefine web1-clone
}

@test "screen: snapshots as a tree, with the current one" {
  local name
  for name in clean installed; do
    virsh -q snapshot-create-as web2 "$name" >/dev/null
  done
  virsh -q snapshot-revert web2 clean
  virsh -q snapshot-create-as web2 other >/dev/null
  run_vmm screen snapshots "$(uuid web2)"
  assert_equal "$(field 1)" "clean
installed
other"
  assert_match '└── other .* shutoff  \* current$'
  assert_match '^clean'$'\trevert --to=[{]} [{]vm}\tconfirm,long\tclean  20'
  run_vmm screen snapshots-delete "$(uuid web2)"
  assert_match '^other'$'\tsnapshot --delete=[{]} [{]vm}\tconfirm,long\t'
  run_vmm screen vm "$(uuid web2)"
  assert_match $'\tscreen snapshots [{]}\t'
}

@test "screen: hosts are aliases, what is configured, and the local ones" {
  mkdir -p "$XDG_CONFIG_HOME/vmm" "$XDG_CONFIG_HOME/libvirt"
  printf '[core]\nuri = test:///default\n' >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm screen connections
  rm "$XDG_CONFIG_HOME/vmm/config"
  assert_equal "$(field 1)" "test:///default
qemu:///system
qemu:///session
$SANDBOX_TEST_URI
-"
  assert_match '  \*$' "${lines[3]}"
  LIBVIRT_DEFAULT_URI='qemu+unix:///system?socket=/nonexistent' run_vmm \
    screen connections
}

@test "screen: at says which screens operands mean" {
  run_vmm screen at /lab/ plain
  assert_match $'^/lab/\tscreen folder [{]}\t'
  assert_match $'\tscreen vm [{]}\tmany\t○ shutoff      /plain'
  run_vmm 1 screen at nobody
  assert_stderr_is_one_line "no VM or folder 'nobody'"
}

@test "screen: what is wrong is one line" {
  run_vmm 2 screen
  assert_stderr_is_one_line "which screen\? known are main, all"
  run_vmm 2 screen nope
  assert_stderr_is_one_line "unknown screen 'nope'"
  run_vmm 2 screen label
  run_vmm 2 screen all all
  run_vmm 2 screen clone web1 web2
  run_vmm 2 screen --follow=x at web1
  run_vmm 2 screen --unescape
  run_vmm 1 screen vm nobody
  assert_stderr_is_one_line "^vmm-screen: no VM 'nobody'$"
  run_vmm 3 -c 'qemu+unix:///system?socket=/nonexistent' screen main
  assert_stderr_is_one_line
}

@test "screen: icons and colours are as they were asked for" {
  LC_ALL=C run_vmm screen all
  assert_match $'\trunning      /lab/web1'
  run_vmm screen --color=always all
  assert_match $'\t\033\\[32m● running +\033\\[0m  /lab/web1'
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\nicons = nerd\n' >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm screen all
  rm "$XDG_CONFIG_HOME/vmm/config"
  assert_match $'\t\uf04b running'
}

# ---- live ---------------------------------------------------------------------

# follow FILE SCREEN...: in the background; its output in FILE.out
follow() {
  (close_fds && exec vmm screen --follow="$1" -- "${@:2}") >"$1.out" 2>"$1.err" &
  follower=$!
}

@test "screen: --follow prints at once what is news" {
  run_vmm screen --follow="$BATS_TEST_TMPDIR/seen" all
  assert_match 'web1'
  assert_equal "$(<"$BATS_TEST_TMPDIR/seen")" "$output"
  echo old >"$BATS_TEST_TMPDIR/seen"
  run_vmm screen --follow="$BATS_TEST_TMPDIR/seen" all
  assert_match 'web1'
}

@test "screen: --follow waits until a VM's state, label or folder is another" {
  local seen=$BATS_TEST_TMPDIR/seen change
  vmm screen --follow="$seen" all >/dev/null
  for change in "start plain" "suspend plain" "destroy plain" \
    "metadata plain http://calebstew.art/xmlns/vmm --key vmm --set <vmm><path>/x</path></vmm>"; do
    follow "$seen" all
    # shellcheck disable=SC2086 # words
    virsh -q $change
    assert_ends "$follower" 0
    assert_match plain "$(<"$seen.out")"
    assert_equal "$(<"$seen")" "$(<"$seen.out")"
  done
}

# is_connected PID
is_connected() {
  readlink "/proc/$1/fd/"* 2>/dev/null | grep -q socket
}

@test "screen: --follow dies with the one that started it" {
  local parent child
  vmm screen --follow="$BATS_TEST_TMPDIR/seen" all >/dev/null
  (close_fds && exec bash -c 'vmm screen --follow="$0" all & echo $! >"$0.pid"
    wait' "$BATS_TEST_TMPDIR/seen") &
  parent=$!
  wait_until 10 test -s "$BATS_TEST_TMPDIR/seen.pid"
  child=$(<"$BATS_TEST_TMPDIR/seen.pid")
  wait_until 10 is_connected "$child"
  kill -KILL "$parent"
  wait_until 10 test ! -d "/proc/$child"
}

@test "screen: --follow says in its list what is wrong, once" {
  local seen=$BATS_TEST_TMPDIR/seen
  run_vmm screen --follow="$seen" vm nobody
  assert_output $'-\tback\t-\tno VM \'nobody\''
  LIBVIRT_DEFAULT_URI='qemu+unix:///system?socket=/nonexistent' \
    run_vmm screen --follow="$seen" main
  assert_match $'^-\tback\t-\t.*/nonexistent'
  LIBVIRT_DEFAULT_URI='qemu+unix:///system?socket=/nonexistent' \
    run -124 timeout 1.5 vmm screen --follow="$seen" main
  assert_output ""
}

@test "screen: --follow notices that the daemon is gone, and is there again" {
  local seen=$BATS_TEST_TMPDIR/seen
  export LIBVIRT_DEFAULT_URI=qemu:///$SANDBOX_MODE
  guest real
  vmm screen --follow="$seen" all >/dev/null
  follow "$seen" all
  wait_until 10 is_connected "$follower"
  daemon kill
  assert_ends "$follower" 0
  assert_match $'^-\tback\t' "$(<"$seen.out")"
  # lost is one thing, not to be had another
  vmm screen --follow="$seen" all
  follow "$seen" all
  daemon start
  assert_ends "$follower" 0
  assert_match 'shutoff +/real' "$(<"$seen.out")"
  drop_guests
}
