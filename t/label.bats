# vmm label: on real VMs in every state, and on the test driver.

load helpers

setup_file() {
  hold_test_driver
}

teardown() {
  drop_guests
}

on_test_driver() {
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

# element NAME [OPTION]: our element as libvirt has it (--config, --live)
element() {
  virsh metadata --domain "$1" http://calebstew.art/xmlns/vmm "${2---config}" |
    tr -d '\n ' | sed 's/>\s*</></g'
}

@test "label -a: a VM without metadata gets the element, with its folder" {
  guest web1
  run_vmm label -a web -a db web1
  assert_output ""
  assert_equal "$(element web1)" \
    '<vmm><path>/</path><label>web</label><label>db</label></vmm>'
  assert_match '<vmm:vmm xmlns:vmm="http://calebstew.art/xmlns/vmm">' \
    "$(virsh dumpxml web1)"
  run_vmm label web1
  assert_output $'/web1\tweb\n/web1\tdb'
}

@test "label -d: deletes, and what is so already is a success" {
  guest web1 /lab/ a b c
  run_vmm label -d b -d none -a a web1
  run_vmm label web1
  assert_output $'/lab/web1\ta\n/lab/web1\tc'
  # the path that the older tool wrote stays as it is
  assert_equal "$(element web1)" \
    '<vmm><path>/lab/</path><label>a</label><label>c</label></vmm>'
}

@test "label: a running VM has it now, after power-off, and while it runs" {
  guest web1 /lab
  run_vmm start web1
  run_vmm label -a up web1
  assert_equal "$(element web1 --live)" "$(element web1 --config)"
  run_vmm stop --now web1
  run_vmm label web1
  assert_output $'/lab/web1\tup'
}

@test "label: a saved VM has it after a restore, too" {
  guest web1 /lab old
  run_vmm start web1
  console_wait web1 '^3$'
  virsh -q managedsave web1
  run_vmm label -a new -d old web1
  run_vmm start web1
  assert_equal "$(element web1 --live)" '<vmm><path>/lab</path><label>new</label></vmm>'
  assert_equal "$(element web1 --config)" "$(element web1 --live)"
  boots web1 1
}

@test "label: a transient VM" {
  guest web1 /lab
  run_vmm start web1
  virsh -q undefine web1
  run_vmm label -a t web1
  run_vmm label web1
  assert_output $'/lab/web1\tt'
}

@test "label: without operands every label in use, in natural order" {
  on_test_driver
  test_vm l1 /l v10 v2
  test_vm l2 /l v2 'a b'
  run_vmm label
  assert_output "a b
v2
v10"
  run_vmm label -L v10
  assert_output "v2
v10"
  run_vmm label '/l/*'
  assert_output $'/l/l1\tv10\n/l/l1\tv2\n/l/l2\tv2\n/l/l2\ta b'
}

@test "label: foreign elements, attributes, comments and namespaces survive" {
  on_test_driver
  virsh -q define /dev/stdin <<'END'
<domain type='test'><name>kept</name><metadata>
<vmm:vmm xmlns:vmm='http://calebstew.art/xmlns/vmm' a='1'><!-- mine -->
<vmm:path x='y'>/k</vmm:path><vmm:future deep='yes'><vmm:er/></vmm:future>
<o:thing xmlns:o='urn:other'>text &amp; more</o:thing></vmm:vmm>
<other:app xmlns:other='urn:app'><other:data/></other:app></metadata>
<memory>2048</memory><os><type>hvm</type></os></domain>
END
  run_vmm label -a one -a two kept
  run_vmm label -d one kept
  run virsh dumpxml kept
  assert_match "a=['\"]1['\"]"
  assert_match '<!-- mine -->'
  assert_match "path x=['\"]y['\"]>/k<"
  assert_match 'future deep='
  assert_match 'urn:other'
  assert_match 'text &amp; more'
  assert_match '<other:data/>'
  refute_match 'label>one<'
  assert_match 'label>two<'
}

@test "label: a root element that is not ours is refused with status 4" {
  on_test_driver
  virsh -q define /dev/stdin <<'END'
<domain type='test'><name>foreign</name><metadata>
<v:other xmlns:v='http://calebstew.art/xmlns/vmm'>data</v:other></metadata>
<memory>2048</memory><os><type>hvm</type></os></domain>
END
  run_vmm 4 label -a x foreign
  assert_match "cannot label '/foreign': its vmm metadata is not ours" "$stderr"
  assert_match '>data<' "$(virsh dumpxml foreign)"
}

@test "label: two processes adding 60 labels each lose none" {
  on_test_driver
  test_vm busy /b
  local side adders=()
  for side in a b; do
    (for i in {1..60}; do
      vmm label -a "$side$i" busy || exit 1
    done) 3>&- &
    adders+=($!)
  done
  # not all: bats may have a clock beside the test
  wait "${adders[@]}"
  assert_equal "$(vmm label busy | wc -l)" 120
}

@test "label: usage errors, dry run, and -v" {
  on_test_driver
  test_vm u1 /u
  run_vmm 2 label -a x
  assert_stderr_is_one_line "which VMs"
  run_vmm 2 label -a $'a\tb' u1
  assert_stderr_is_one_line "a label is UTF-8 without control characters"
  run_vmm 2 label -a ' ' u1
  run_vmm 2 label -a x -d x u1
  assert_stderr_is_one_line "'x' cannot be added and deleted at once"
  run_vmm label -n -a x u1
  assert_output "label /u/u1"
  run_vmm label u1
  assert_output ""
  run_vmm label -v -a '  x ' u1
  assert_output /u/u1
  run_vmm label u1
  assert_output $'/u/u1\tx'
  run_vmm label -n -a x u1
  assert_output ""
}

@test "label: a lock that cannot be made is an error, and nothing is written" {
  on_test_driver
  test_vm lock1 /k
  local dir=$BATS_TEST_TMPDIR/ro
  echo in the way >"$dir"
  XDG_RUNTIME_DIR=$dir run_vmm 1 label -a x lock1
  assert_stderr_is_one_line "cannot label '/k/lock1': cannot make the lock"
  run_vmm label lock1
  assert_output ""
}

# config_dir: where libvirt keeps the definitions
config_dir() {
  if [[ $SANDBOX_MODE == system ]]; then
    echo /etc/libvirt/qemu
  else
    echo "$XDG_CONFIG_HOME/libvirt/qemu"
  fi
}

@test "label: what libvirt cannot store is an error, and the next try is no false success" {
  guest web1 /lab
  local dir
  dir=$(config_dir)
  if [[ $SANDBOX_MODE == system ]]; then
    mount --bind "$dir" "$dir"
    mount -o remount,ro,bind "$dir"
  else
    chmod a-w "$dir"
  fi
  run_vmm 1 label -a x web1
  assert_stderr_is_one_line "cannot label '/lab/web1': "
  run_vmm 1 label -a x web1
  run_vmm label web1
  assert_output ""
  if [[ $SANDBOX_MODE == system ]]; then
    umount "$dir"
  else
    chmod u+w "$dir"
  fi
  run_vmm label -a x web1
  grep -q '<vmm:label>x<' "$dir/web1.xml"
}

@test "label: somebody else's write right behind ours is noticed, and ours repeated" {
  on_test_driver
  test_vm raced /r old
  cat >"$BATS_TEST_TMPDIR/foreign.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libvirt/libvirt.h>

/* Behind the first write another writer's comes. */
int virDomainSetMetadata(virDomainPtr domain, int type, const char *metadata,
    const char *key, const char *uri, unsigned int flags)
{
  static int written;
  int (*real)(virDomainPtr, int, const char *, const char *, const char *,
      unsigned int) = dlsym(RTLD_NEXT, "virDomainSetMetadata");
  int result = real(domain, type, metadata, key, uri, flags);

  if (!written++)
    real(domain, type, "<vmm><path>/r</path><label>foreign</label></vmm>", key,
        uri, flags);
  return result;
}
END
  cc -shared -fPIC -o "$BATS_TEST_TMPDIR/foreign.so" "$BATS_TEST_TMPDIR/foreign.c" -ldl
  LD_PRELOAD=$BATS_TEST_TMPDIR/foreign.so \
    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
    "$VMM_EXEC_PATH/vmm-label" -a mine raced
  run_vmm label raced
  assert_output $'/r/raced\tforeign\n/r/raced\tmine'
}

@test "label: a change that is there already does not touch the saved state" {
  guest web1 /lab
  run_vmm start web1
  virsh -q managedsave web1
  run_vmm label -a x web1
  local image before
  image=$(find "$SANDBOX" -name web1.save 2>/dev/null | head -n 1)
  before=$(stat -c %Y.%y "$image")
  run_vmm label -a x web1
  assert_equal "$(stat -c %Y.%y "$image")" "$before"
}

@test "label: a comment in the path survives a move, too" {
  on_test_driver
  virsh -q define /dev/stdin <<'END'
<domain type='test'><name>noted</name><metadata>
<vmm:vmm xmlns:vmm='http://calebstew.art/xmlns/vmm'><vmm:path>/n<!-- why --></vmm:path></vmm:vmm>
</metadata><memory>2048</memory><os><type>hvm</type></os></domain>
END
  run_vmm mv noted /m
  assert_match '/m<!-- why -->' "$(virsh dumpxml noted)"
}

@test "label: who has no place for a lock is told, and what is missing" {
  ((EUID == 0)) || skip "only root can become a user that has no name"
  run -1 --separate-stderr setpriv --reuid=61234 --clear-groups \
    env -u XDG_RUNTIME_DIR HOME=/none XDG_CONFIG_HOME=/none vmm -c test:///default \
    label -a x test
  assert_stderr_is_one_line "^vmm-label: cannot .*: there is no place for a lock: "
}

@test "label: what waits for a lock in vain leaves its holder's record" {
  guest lock2 /k
  run_vmm label -a x lock2
  local file fd before waiting
  for file in "$XDG_RUNTIME_DIR"/vmm/lock-*; do
    exec {fd}<"$file"
    flock "$fd"
    # struct record's held
    printf '\1' | dd of="$file" bs=1 seek=20 conv=notrunc status=none
  done
  before=$(cat "$XDG_RUNTIME_DIR"/vmm/lock-* | cksum)
  (close_fds && exec env --default-signal=INT vmm label -a y lock2) 2>/dev/null &
  waiting=$!
  wait_until 20 waits_for_lock "$waiting"
  kill -INT "$waiting"
  assert_ends "$waiting" 130
  assert_equal "$(cat "$XDG_RUNTIME_DIR"/vmm/lock-* | cksum)" "$before"
}
