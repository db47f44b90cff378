# Which host a command talks to, and what happens when it does not answer.

load helpers

setup() {
  export VMM_TIMEOUT=40
}

teardown() {
  daemon resume 2>/dev/null || :
  rm -rf "$XDG_CONFIG_HOME/vmm"
}

@test "connection: no daemon is status 3, one line that names the URI" {
  daemon stop
  run_vmm 3 ls
  assert_stderr_is_one_line "^vmm-ls: cannot connect to '$LIBVIRT_DEFAULT_URI': .*libvirt-sock"
  run_vmm 3 start web1
  assert_stderr_is_one_line "^vmm-start: cannot connect to"
  daemon start
}

@test "connection: what can be done about it is in the same line" {
  local ssh=$BATS_TEST_TMPDIR/ssh # waits for what it is sent, or its words are lost
  run_vmm 3 -c "qemu+unix:///system?socket=/nonexistent" ls
  assert_stderr_is_one_line "No such file or directory .no daemon listens there; 'sudo systemctl enable"
  run_vmm 3 -c "kemu:///$SANDBOX_MODE" ls
  assert_stderr_is_one_line "the usual ones are qemu:///system"
  printf '#!/bin/sh\nhead -c 4 >/dev/null\necho "Host key verification failed." >&2\nexit 255\n' >"$ssh"
  chmod +x "$ssh"
  run_vmm 3 -c "qemu+ssh://far/system?command=$ssh" ls
  assert_stderr_is_one_line "Host key verification failed.* .'ssh' to that host once, to accept its key"
  printf '#!/bin/sh\nhead -c 4 >/dev/null\necho "me@far: Permission denied (publickey)." >&2\nexit 255\n' >"$ssh"
  run_vmm 3 -c "qemu+ssh://far/system?command=$ssh" ls
  assert_stderr_is_one_line "'ssh' to that host has to work by itself first"
}

@test "connection: a stalled daemon is status 3 within seconds, opening included" {
  daemon pause
  VMM_TIMEOUT=15 run_vmm 3 ls
  assert_stderr_is_one_line "cannot connect to '.*': it does not answer$"
}

@test "connection: a daemon that stalls after opening is status 3 within seconds" {
  mkfifo "$BATS_TEST_TMPDIR/in"
  run_vmm ls # the daemon is warm
  { vmm ls - <"$BATS_TEST_TMPDIR/in" 2>"$BATS_TEST_TMPDIR/err" || echo $? \
    >"$BATS_TEST_TMPDIR/status"; } 3>&- &
  exec 5>"$BATS_TEST_TMPDIR/in"
  wait_until 10 connected
  daemon pause
  echo nobody >&5
  exec 5>&-
  wait_until 15 test -s "$BATS_TEST_TMPDIR/status"
  assert_equal "$(<"$BATS_TEST_TMPDIR/status")" 3
  assert_match "^vmm-ls: the connection was lost: " "$(<"$BATS_TEST_TMPDIR/err")"
}

@test "connection: a daemon killed in the middle is status 3" {
  mkfifo "$BATS_TEST_TMPDIR/in"
  { vmm ls - <"$BATS_TEST_TMPDIR/in" 2>"$BATS_TEST_TMPDIR/err" || echo $? \
    >"$BATS_TEST_TMPDIR/status"; } 3>&- &
  exec 5>"$BATS_TEST_TMPDIR/in"
  wait_until 10 connected
  daemon kill
  echo nobody >&5
  exec 5>&-
  wait_until 15 test -s "$BATS_TEST_TMPDIR/status"
  daemon start
  assert_equal "$(<"$BATS_TEST_TMPDIR/status")" 3
  assert_match "^vmm-ls: the connection was lost: " "$(<"$BATS_TEST_TMPDIR/err")"
}

# connected: vmm-ls has a socket to the daemon (and waits for its input)
connected() {
  local pid
  pid=$(pids 'vmm-ls -$') &&
    find "/proc/$pid/fd" -lname 'socket:*' 2>/dev/null | grep -q .
}

@test "connection: -c wins over the environment, that over the configuration" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[core]\n\turi = "test:///default" # comment\n\tjobs = 4\n' \
    >"$XDG_CONFIG_HOME/vmm/config"
  LIBVIRT_DEFAULT_URI=test:///default run_vmm ls
  assert_output /test
  LIBVIRT_DEFAULT_URI='' run_vmm ls
  assert_output /test
  LIBVIRT_DEFAULT_URI=nonsense:/// run_vmm ls -c test:///default
  assert_output /test
  LIBVIRT_DEFAULT_URI=nonsense:/// run_vmm 3 ls
}

@test "connection: libvirt's uri_default and URI aliases work" {
  local conf=$XDG_CONFIG_HOME/libvirt/libvirt.conf
  if ((EUID == 0)); then
    conf=/etc/libvirt/libvirt.conf
  fi
  printf '# comment\nuri_aliases = [\n "here=test:///default"\n]\nuri_default = "here"\n' >"$conf"
  LIBVIRT_DEFAULT_URI='' run_vmm ls
  assert_output /test
  run_vmm ls -c here
  assert_output /test
  LIBVIRT_DEFAULT_URI=here run_vmm ls
  assert_output /test
  rm "$conf"
}

@test "connection: a bad configuration file is named with its line" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[core]\n  uri = x\n  nonsense\n' >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm 2 ls
  assert_stderr_is_one_line "/vmm/config:3: "
  printf '[core]\njobs = many\n' >"$XDG_CONFIG_HOME/vmm/config"
  run_vmm 2 start x
  assert_stderr_is_one_line "core.jobs.*'many'"
  rm "$XDG_CONFIG_HOME/vmm/config"
  mkdir "$XDG_CONFIG_HOME/vmm/config"
  run_vmm 2 ls
  assert_stderr_is_one_line "cannot read '.*/vmm/config': Is a directory"
}

@test "connection: without the right to write, looking falls back to read-only" {
  [[ $SANDBOX_MODE == system ]] ||
    skip "needs root: a system daemon and a user who may only look"
  type -P setpriv >/dev/null || skip "setpriv is not installed"
  local dir
  dir=$(mktemp -d /tmp/vmm-look.XXXXXX)
  cp "$VMM_EXEC_PATH"/vmm-{ls,start} "$dir"
  chmod 755 "$SANDBOX" "$SANDBOX/run" "$SANDBOX/run/libvirt" "$dir"
  guest web1 /lab
  local as=(setpriv --reuid 65534 --clear-groups)
  run -0 "${as[@]}" env LIBVIRT_DEFAULT_URI=qemu:///system "$dir/vmm-ls" -R
  assert_output /lab/web1
  run -3 "${as[@]}" env LIBVIRT_DEFAULT_URI=qemu:///system "$dir/vmm-start" web1
  assert_match "cannot connect to 'qemu:///system': .*Permission denied .members of the group libvirt may"
  rm -r "$dir"
}

@test "connection: the same where that user is at the other end of ssh" {
  [[ $SANDBOX_MODE == system ]] ||
    skip "needs root: a system daemon and a user who may only look"
  type -P setpriv virt-ssh-helper >/dev/null ||
    skip "setpriv or virt-ssh-helper is not installed"
  local ssh=$BATS_TEST_TMPDIR/ssh far
  far="qemu+ssh://far/system?command=$ssh"
  # what would go to the host is run here, as nobody
  printf '%s\n' '#!/bin/sh' 'while [ "$1" != far ]; do shift; done' shift \
    'exec setpriv --reuid 65534 --clear-groups sh -c "$*"' >"$ssh"
  chmod +x "$ssh"
  chmod 755 "$SANDBOX" "$SANDBOX/run" "$SANDBOX/run/libvirt"
  guest far1 /far
  run_vmm -c "$far" ls -R /far
  assert_output /far/far1
  run_vmm 3 -c "$far" start far1
  assert_stderr_is_one_line "Permission denied.*members of the group libvirt may: 'sudo usermod -aG libvirt YOUR-NAME' on that host"
  "$VMM_SRCDIR/scripts/sandbox" --daemon kill
  rm "$SANDBOX"/run/libvirt/libvirt-sock*
  run_vmm 3 -c "$far" ls
  assert_stderr_is_one_line "no daemon listens on that host; 'sudo systemctl enable"
  "$VMM_SRCDIR/scripts/sandbox" --daemon start
}

# A test:/// file that wants the user 'astro' and the password 's3cret'.
node_file() {
  cat >"$BATS_TEST_TMPDIR/node.xml" <<'END'
<node>
  <auth><user password="s3cret">astro</user></auth>
  <domain type='test'><name>secret</name><memory>2048</memory>
    <os><type>hvm</type></os></domain>
</node>
END
  echo "test://$BATS_TEST_TMPDIR/node.xml"
}

@test "connection: without a terminal a password comes from VMM_ASKPASS" {
  cat >"$BATS_TEST_TMPDIR/askpass" <<'END'
#!/bin/sh
case $1 in
*[Uu]ser*) echo astro ;;
*) echo s3cret ;;
esac
END
  chmod +x "$BATS_TEST_TMPDIR/askpass"
  VMM_ASKPASS=$BATS_TEST_TMPDIR/askpass run -0 setsid -w vmm -c "$(node_file)" ls
  assert_output /secret
  SSH_ASKPASS=$BATS_TEST_TMPDIR/askpass run -0 setsid -w vmm -c "$(node_file)" ls
  assert_output /secret
  run -3 setsid -w vmm -c "$(node_file)" ls
  assert_match "^vmm-ls: cannot connect to .*authentication"
}

@test "connection: on a terminal a password is asked for, and not shown" {
  type -P tmux >/dev/null || skip "tmux is not installed"
  local tmux=(tmux -L "vmm$$" -f /dev/null)
  "${tmux[@]}" new-session -d -x 100 -y 20 \
    "vmm -c $(node_file) ls; exec cat" 3>&-
  wait_until 10 on_screen 'username'
  "${tmux[@]}" send-keys astro Enter
  wait_until 10 on_screen 'password'
  "${tmux[@]}" send-keys s3cret Enter
  wait_until 10 on_screen '^/secret$'
  run ! on_screen s3cret
  "${tmux[@]}" kill-server
}

on_screen() {
  tmux -L "vmm$$" capture-pane -p | grep -q "$1"
}

@test "connection: VMM_DEBUG=1 shows the calls of libvirt, and nothing hostile" {
  local name=$'a\u009b31m\u202eb' open
  hold_test_driver
  test_vm "$name" /lab
  VMM_DEBUG=1 run_vmm -c "$SANDBOX_TEST_URI" ls -R
  assert_match '^vmm-ls: [0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3} virConnectOpenAuth name=test' \
    "$stderr"
  assert_match ' virDomainGetMetadata dom=.*VM: name=a\\xc2\\x9b31m\\xe2\\x80\\xaeb, ' "$stderr"
  assert_match ' virConnectClose ' "${stderr_lines[-1]}"
  refute_match $'\u202e' "$stderr"
  refute_match 'virRegister|Internal' "$stderr"
  VMM_DEBUG=0 run_vmm -c "$SANDBOX_TEST_URI" ls -R
  assert_stderr_is_empty
  # what it starts has the environment as it was, and nothing of ours
  printf '%s\n' '#!/bin/sh' 'env >&2' 'ls /proc/self/fd | wc -l >"$TMPDIR/open"' \
    >"$BATS_TEST_TMPDIR/editor"
  chmod +x "$BATS_TEST_TMPDIR/editor"
  export EDITOR=$BATS_TEST_TMPDIR/editor
  run_vmm -c "$SANDBOX_TEST_URI" edit "/lab/*"
  open=$(<"$TMPDIR/open")
  VMM_DEBUG=1 LIBVIRT_LOG_OUTPUTS=4:stderr \
    run_vmm -c "$SANDBOX_TEST_URI" edit "/lab/*"
  assert_equal "$(<"$TMPDIR/open")" "$open"
  assert_match '^LIBVIRT_LOG_OUTPUTS=4:stderr$' "$stderr"
  refute_match '^LIBVIRT_LOG_FILTERS=' "$stderr"
  # a line that ends, an empty one, and one that looks like a call
  VMM_DEBUG=1 run_vmm 1 -c "$SANDBOX_TEST_URI" ls \
    $'x\n\n2026-01-01 00:00:00.000+0000: 1: info : virDomainUndefine:1 : x'
  refute_match '^vmm-ls: [0-9:.]+ virDomainUndefine' "$stderr"
  assert_match ' virConnectClose ' "$stderr"
  # more lines than can be read before the program ends
  open=$(printf '%050000d' 0)
  VMM_DEBUG=1 run_vmm 1 -c "$SANDBOX_TEST_URI" ls "x${open//0/$'\n'}"
  assert_match ' virConnectClose ' "$stderr"
  release_test_driver
}
