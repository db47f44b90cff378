#!/usr/bin/env bats
# The ground that the other tests stand on: the private libvirtd, its test
# driver and the tiny guest, seen by virsh alone.
#
# check: release: it tests a script of the tests

load helpers

setup_file() {
  hold_test_driver
}

# The count in the guest's LBA 1.
disk_count() {
  dd if="$SANDBOX_DISKS/$1.img" bs=512 skip=1 count=1 status=none | head -n 1
}

@test "sandbox: its libvirtd answers, and has an active pool" {
  assert_equal "$(virsh uri)" "qemu:///$SANDBOX_MODE"
  run virsh -q pool-info default
  assert_match "^State: +running"
  assert_match "^Autostart: +yes"
  assert_match "<path>$SANDBOX_DISKS</path>" "$(virsh pool-dumpxml default)"
}

@test "sandbox: HOME, XDG and temporary files are inside it" {
  local variable
  for variable in HOME TMPDIR XDG_{CONFIG,CACHE,DATA,STATE}_HOME \
    XDG_RUNTIME_DIR SANDBOX_DISKS SANDBOX_LOG; do
    assert_match "^$SANDBOX/" "${!variable}"
    [[ -e ${!variable} ]] || fail "$variable does not exist"
  done
}

@test "test driver: what one process defines another one sees" {
  test_vm "a b's <&>" "/lab/x y" red "gre\"en"
  run virsh -q -c "$SANDBOX_TEST_URI" list --all --name
  assert_line "a b's <&>"
  run virsh -q -c "$SANDBOX_TEST_URI" metadata "a b's <&>" \
    http://calebstew.art/xmlns/vmm
  assert_match "<path>/lab/x y</path>"
  assert_match "<label>gre\"en</label>"
}

@test "test driver: hundreds of VMs" {
  test_vms bulk 400 10
  run virsh -q -c "$SANDBOX_TEST_URI" list --all --name
  assert_equal "$(grep -c '^bulk' <<<"$output")" 400
  run virsh -q -c "$SANDBOX_TEST_URI" metadata bulk20 \
    http://calebstew.art/xmlns/vmm
  assert_match "<path>/bulk/10</path>"
}

# said COMMAND...: its status, standard output and error
said() {
  local status=0
  "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
  echo "$status"
  cat "$BATS_TEST_TMPDIR/out"
  echo --
  cat "$BATS_TEST_TMPDIR/err"
}

# answers ARG...: the one that is there says what a virsh of its own says
answers() {
  assert_equal "$(said virsh "$@")" "$(said command virsh "$@")"
}

@test "virsh: the one that is there answers as any other, and each for itself" {
  local name="a b's \$(x) \"--" i pids=()
  test_vm "$name" /lab "two
lines"
  # that it was asked is in its request
  : >"$SANDBOX/virsh/request"
  answers -q -c "$SANDBOX_TEST_URI" domstate --domain "$name"
  [[ -s $SANDBOX/virsh/request ]] || fail "it was not asked"
  answers -c "$SANDBOX_TEST_URI" dumpxml "$name"
  answers -q -c "$SANDBOX_TEST_URI" "list --all --name; domstate nobody"
  answers -q -c "$SANDBOX_TEST_URI" domstate -- --nobody
  answers -q nonsense
  answers -q -c nonsense:///x uri
  LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI answers uri
  cd "$BATS_TEST_TMPDIR"
  echo "<domain/>" >here.xml
  answers -q define here.xml
  # several at once
  for i in {1..8}; do
    virsh -q -c "$SANDBOX_TEST_URI" domstate "$name" >"out.$i" 3>&- &
    pids+=($!)
  done
  wait "${pids[@]}"
  assert_equal "$(cat out.*)" "$(printf 'shut off\n%.0s' {1..8})"
  virsh -q -c "$SANDBOX_TEST_URI" undefine "$name"
}

@test "virsh: whoever is killed while he asks leaves nothing behind that misleads" {
  local asking
  virsh -q uri
  daemon pause
  (close_fds && virsh -q list --all --name) &
  asking=$!
  wait_until 10 grep -qsz '^list$' "$SANDBOX/virsh/request"
  kill -KILL "$asking"
  wait "$asking" || :
  daemon resume
  assert_equal "$(virsh -q uri)" "qemu:///$SANDBOX_MODE"
  assert_equal "$(virsh -q uri)" "qemu:///$SANDBOX_MODE"
}

@test "bats: what failed is named with its line, in a helper too" {
  # bats reads what is written here, too, and would find two tests more
  sed 's/^%/@/' >"$BATS_TEST_TMPDIR/fails.bats" <<END
load '$VMM_SRCDIR/t/helpers'
%test "here" {
  local a=1
  [[ \$a == 2 ]]
}
%test "there" {
  output=x
  assert_line y
  output=y
}
END
  run -1 env -u BATS_TEST_TIMEOUT bats --tap "$BATS_TEST_TMPDIR/fails.bats"
  assert_match 'in test file .*fails.bats, line 4\)'
  assert_match 'from function .assert_line. in file .*helpers.bash, line'
  assert_match 'in test file .*fails.bats, line 8\)'
}

@test "guest: boots, counts, writes to its disk, and shuts down by ACPI" {
  guest "g 1" /lab web
  assert_equal "$(vm_state "g 1")" "shut off"
  virsh -q start "g 1"
  console_wait "g 1" "^GUEST READY$"
  console_wait "g 1" "^3$"
  virsh -q shutdown "g 1"
  wait_state "g 1" "shut off"
  assert_match "^GUEST OFF$" "$(<"$SANDBOX/g 1.console")"
  (($(disk_count "g 1") >= 3))
}

@test "guest: goes on counting after save and restore" {
  local count
  guest saved
  virsh -q start saved
  console_wait saved "^4$"
  virsh -q managedsave saved
  count=$(console_count saved)
  virsh -q start saved
  count_wait saved $((count + 2))
  assert_equal "$(grep -c READY "$SANDBOX/saved.console")" 1
}

@test "guest: qcow2 disk, snapshot and revert: memory and disk go back" {
  local count
  GUEST_FORMAT=qcow2 guest snap
  virsh -q start snap
  console_wait snap "^2$"
  virsh -q snapshot-create-as snap clean
  count=$(console_count snap)
  count_wait snap $((count + 5))
  : >"$SANDBOX/snap.console"
  virsh -q snapshot-revert snap clean
  console_wait snap "^$((count + 3))$"
}

@test "guest: the deaf one survives a shutdown, and destroy is quick" {
  local start=$SECONDS
  GUEST_DEAF=1 guest deaf
  virsh -q start deaf
  console_wait deaf "^1$"
  virsh -q shutdown deaf
  count_wait deaf $(($(console_count deaf) + 3))
  assert_equal "$(vm_state deaf)" running
  virsh -q destroy deaf
  assert_equal "$(vm_state deaf)" "shut off"
  ((SECONDS - start < 10)) # libvirt waits 15 for a zombie
}

@test "daemon: killed and started again it knows the running guest" {
  local count
  guest stays
  virsh -q start stays
  console_wait stays "^1$"
  daemon kill
  run ! virsh uri
  count=$(console_count stays)
  count_wait stays "$count"
  daemon start
  assert_equal "$(vm_state stays)" running
  virsh -q pool-info default
  virsh -q shutdown stays
  wait_state stays "shut off"
}

@test "daemon: paused it does not answer, resumed it does" {
  daemon pause
  run -124 timeout 0.2 virsh uri
  daemon resume
  virsh uri
}

@test "sandbox: the exit status is the command's, and nothing is left" {
  # shellcheck disable=SC2016 # for the inner shell
  run -7 "$VMM_SRCDIR/scripts/sandbox" bash -c 'echo "$SANDBOX"; exit 7'
  [[ $output == /* && ! -e $output ]]
}

# start_sandbox FIFO: with a running guest, and says its directory in FIFO.
start_sandbox() {
  mkfifo "$1"
  # shellcheck disable=SC2016 # for the inner shell
  (close_fds && exec "$VMM_SRCDIR/scripts/sandbox" bash -c '
    virsh -q create /dev/stdin <<<"<domain type=\"qemu\"><name>g</name>
      <memory>2048</memory><os><type machine=\"pc\">hvm</type></os></domain>"
    echo "$SANDBOX"
    sleep 1000') >"$1" &
}

processes_of() {
  grep -qzsxF "TMPDIR=$1/tmp" /proc/[0-9]*/environ
}

nothing_left() {
  [[ ! -e $1 ]] && ! processes_of "$1"
}

@test "sandbox: two at once; SIGTERM ends one alone, SIGKILL the other" {
  local one two dir_one dir_two status=0
  start_sandbox "$BATS_TEST_TMPDIR/one"
  one=$!
  start_sandbox "$BATS_TEST_TMPDIR/two"
  two=$!
  read -r dir_one <"$BATS_TEST_TMPDIR/one"
  read -r dir_two <"$BATS_TEST_TMPDIR/two"
  processes_of "$dir_one" # else nothing_left proves nothing

  kill -TERM "$one"
  wait "$one" || status=$?
  assert_equal "$status" 143
  nothing_left "$dir_one"

  processes_of "$dir_two"
  kill -KILL "$two"
  wait_until 10 nothing_left "$dir_two"
}

# like_bare COMMAND: in a mount namespace with a /run in which nothing is, as in
# a root that no init has booted
like_bare() {
  unshare -m bash -c "set -e; mount -t tmpfs tmpfs /run; cd '$VMM_SRCDIR'; $1"
}

@test "sandbox: it runs where neither /run/lock nor anything in /run exists" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a file system over /run"
  run -0 like_bare '[[ ! -e /run/lock ]]; scripts/sandbox virsh uri; stat -c %a /run/lock'
  assert_line qemu:///system
  assert_line 1777
}

@test "sandbox: what cannot be set up is status 125, said, and leaves nothing" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a file system over /run"
  # a file is where a folder must be
  run -0 like_bare 'touch /run/lock
    TMPDIR=/run scripts/sandbox virsh uri || echo "status $?"; ls /run'
  assert_match '/run/lock.*File exists'
  assert_match '^sandbox: it could not be set up'
  assert_line "status 125"
  assert_line lock
  refute_match '^vmm[.]|unbound|^qemu:'
}
