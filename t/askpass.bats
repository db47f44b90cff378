# vmm askpass: libvirt wants a password, and no terminal is there.
#
# check: release: no C of ours is beneath it but what connection.bats runs

load helpers
load desktop

setup_file() {
  start_desktop
}

setup() {
  export VMM_ASKPASS=$VMM_EXEC_PATH/vmm-askpass
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  node=$BATS_TEST_TMPDIR/node.xml
  cat >"$node" <<'END'
<node>
  <auth><user password="s3cret">astro</user></auth>
  <domain type='test'>
    <name>guarded</name>
    <memory>1024</memory>
    <os><type>hvm</type></os>
  </domain>
</node>
END
}

teardown() {
  rm -rf "$XDG_CONFIG_HOME/vmm"
}

# uses PICKER
uses() {
  printf '[menu]\npicker = %s\n' "$1" >"$XDG_CONFIG_HOME/vmm/config"
}

@test "askpass: what is asked reaches the picker, a password as one" {
  # fuzzel is one that is known to hide it
  local fake=$BATS_TEST_TMPDIR/fuzzel
  cat >"$fake" <<END
#!/bin/sh
echo "\$*" >>"$fake.log"
case \$* in
  *--password*) echo s3cret ;;
  *) echo astro ;;
esac
END
  chmod +x "$fake"
  uses "$fake"
  run -0 setsid -w vmm -c "test://$node" ls
  assert_output /guarded
  assert_equal "$(wc -l <"$fake.log")" 2
  refute_match password "$(head -n 1 "$fake.log")"
  assert_match '^--password -p .*password' "$(tail -n 1 "$fake.log")"
  # what only looks like a question for something else is hidden, too
  run -0 vmm askpass "username@host's password: "
  run -0 vmm askpass "Passphrase for key '/home/username/.ssh/id' (yes/no): "
  assert_equal "$(tail -n 2 "$fake.log" | grep -c -- --password)" 2
  printf '#!/bin/sh\nexit 1\n' >"$fake"
  run -3 setsid -w vmm -c "test://$node" ls
  assert_match '^vmm-ls: cannot connect'
}

@test "askpass: wofi asks; the desktop is found where it is not named" {
  need_desktop
  local out=$BATS_TEST_TMPDIR/out
  asks setsid -w env -u WAYLAND_DISPLAY XDG_RUNTIME_DIR="$DESKTOP" \
    vmm -c "test://$node" ls >"$out" 2>&1
  presses astro -k Return
  presses s3cret -k Return
  picked 0
  assert_equal "$(<"$out")" /guarded
}

@test "askpass: who says no is not asked again" {
  need_desktop
  local out=$BATS_TEST_TMPDIR/out
  asks setsid -w vmm -c "test://$node" ls >"$out" 2>&1
  presses -k Escape
  picked 3
  assert_match '^vmm-ls: cannot connect' "$(<"$out")"
}

# An ssh that reaches this host, once a real key is unlocked with 's3cret'; it is
# OpenSSH that asks for that, in the environment that libvirt leaves it.
fake_ssh() {
  ssh-keygen -q -t ed25519 -N s3cret -f "$BATS_TEST_TMPDIR/key"
  cat >"$BATS_TEST_TMPDIR/ssh" <<END
#!/bin/sh
env >"$BATS_TEST_TMPDIR/ssh.env"
ssh-keygen -y -f "$BATS_TEST_TMPDIR/key" >/dev/null || exit 255
export XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR
while [ "\$1" != hive ]; do shift; done
shift
exec sh -c "\$*"
END
  chmod +x "$BATS_TEST_TMPDIR/ssh"
}

@test "askpass: ssh asks in wofi, although libvirt tells it of X only" {
  need_desktop
  type -P ssh-keygen >/dev/null || skip "ssh-keygen is not installed"
  fake_ssh
  guest web1 /lab
  local out=$BATS_TEST_TMPDIR/out
  asks env SSH_ASKPASS="$VMM_ASKPASS" DISPLAY=:77 setsid -w vmm \
    -c "qemu+ssh://hive/$SANDBOX_MODE?command=$BATS_TEST_TMPDIR/ssh" ls -R >"$out" 2>&1
  presses s3cret -k Return
  picked 0
  assert_equal "$(<"$out")" /lab/web1
  # else nothing is tested
  refute_match '^WAYLAND_DISPLAY=' "$(<"$BATS_TEST_TMPDIR/ssh.env")"
  assert_match '^DISPLAY=:77' "$(<"$BATS_TEST_TMPDIR/ssh.env")"
  drop_guests
}
