# vmm notify: a real mako on a desktop of its own.
#
# check: release: no C of ours is beneath it but what save.bats and others run

load helpers
load desktop

setup_file() {
  start_desktop
}

setup() {
  need_desktop
}

teardown() {
  signal CONT libvirt_iohelper || :
  makoctl dismiss --all
  rm -f "$DESKTOP/critical"
  drop_guests
}

# shown FILTER: of all that is shown, a list of notifications, by jq
shown() {
  makoctl list | jq -r ".data[0] | $1"
}

@test "notify: success is one short, normal notification" {
  run_vmm notify 'List' -- printf 'one <b>\ntwo & 3\n'
  assert_output ''
  assert_equal "$(shown length)" 1
  assert_equal "$(shown '.[0].summary.data')" List
  assert_equal "$(shown '.[0].body.data')" 'one &lt;b&gt;
two &amp; 3'
  [[ ! -e $DESKTOP/critical ]]
}

@test "notify: failure is critical, has the command's words and its status" {
  run_vmm 4 notify '<i>Start' -- \
    sh -c "echo \"vmm-start: '<b>' is in the way\" >&2; exit 4"
  assert_stderr_is_empty
  assert_equal "$(shown '.[0].summary.data')" '<i>Start'
  assert_equal "$(shown '.[0].body.data')" "'&lt;b&gt;' is in the way"
  wait_until 10 is_critical
  run_vmm 7 notify Silent -- sh -c 'exit 7'
  assert_equal "$(shown '.[0].body.data')" 'it ended with status 7'
}

@test "notify: what vmm has escaped stays escaped" {
  run_vmm 1 notify Start -- sh -c 'printf "%s\n" "no VM \\x1b[31m\\n\\\\" >&2; exit 1'
  assert_equal "$(shown '.[0].body.data')" 'no VM \x1b[31m\n\\'
}

@test "notify: progress is one notification that is updated, then replaced" {
  mkfifo "$BATS_TEST_TMPDIR/go"
  (close_fds && exec vmm notify --progress Save -- sh -c "
    echo 30 >&3; echo 60 >&3; read x <'$BATS_TEST_TMPDIR/go'; echo saved") &
  wait_until 20 is_shown '60 %'
  assert_equal "$(shown length)" 1
  echo >"$BATS_TEST_TMPDIR/go"
  assert_ends "$!" 0
  assert_equal "$(shown length)" 1
  assert_equal "$(shown '.[0].body.data')" saved
}

@test "notify: how far a save is" {
  GUEST_MEMORY=3000 up big /lab
  (close_fds && exec vmm notify --progress 'Save big' -- vmm save big) &
  local saving=$!
  # the disk is slow: its writer stands still
  saving_hold big
  wait_until 20 is_shown '[0-9]+ %'
  saving_goes_on big
  assert_ends "$saving" 0
  assert_equal "$(shown length)" 1
}

is_critical() {
  [[ -e $DESKTOP/critical ]]
}

# is_shown ERE: and nothing else
is_shown() {
  [[ $(shown '.[0].body.data') =~ ^$1$ ]]
}

@test "notify: a VM that is deaf to its shutdown, for as long as it takes" {
  GUEST_DEAF=1 up deaf /lab
  (close_fds && exec vmm notify --progress 'Shut down' -- \
    vmm stop --timeout=6 deaf) &
  wait_until 20 is_shown …
  assert_ends "$!" 5
  assert_equal "$(shown length)" 1
  wait_until 10 is_critical
  assert_match deaf "$(shown '.[0].body.data')"
}

@test "notify: without notify-send or a bus, failure is on standard error" {
  DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere run_vmm 3 notify Start -- \
    sh -c 'echo "vmm-start: no" >&2; exit 3'
  assert_stderr_is_one_line '^vmm-start: no$'
  DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere run_vmm notify Start -- echo yes
  assert_stderr_is_empty
}

@test "notify: a title and a command are needed" {
  run_vmm 2 notify Title
  assert_stderr_is_one_line 'a command is needed'
  run_vmm 2 notify -- true
  assert_stderr_is_one_line 'a title is needed'
}
