# Reading vmm's metadata: lenient, and it never fails. vmm-metadata(7)

load helpers

setup_file() {
  hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

# raw_vm NAME METADATA: a VM whose <metadata> is what is given
raw_vm() {
  virsh -q define /dev/stdin <<END
<domain type='test'><name>$1</name><metadata>$2</metadata>
<memory>2048</memory><os><type>hvm</type></os></domain>
END
}

element() {
  echo "<vmm:vmm xmlns:vmm='http://calebstew.art/xmlns/vmm'>$1</vmm:vmm>"
}

@test "metadata: without any the folder is / and there are no labels" {
  raw_vm none ''
  run_vmm ls -o path,labels none
  assert_output $'/none\t-'
  assert_stderr_is_empty
}

@test "metadata: the element of the older tool, with its trailing slash" {
  raw_vm old "$(element '<vmm:path>/lab/</vmm:path><vmm:label>x</vmm:label>')"
  run_vmm ls -o path,labels old
  assert_output $'/lab/old\tx'
  assert_stderr_is_empty
}

@test "metadata: white space, missing and doubled slashes, an empty path" {
  raw_vm spaces "$(element '<vmm:path>
     lab//x/  </vmm:path>')"
  raw_vm empty "$(element '<vmm:path/>')"
  run_vmm ls -o path spaces empty
  assert_output "/lab/x/spaces
/empty"
  assert_stderr_is_empty
}

@test "metadata: unknown children and foreign namespaces are passed over" {
  raw_vm foreign "$(element "<vmm:path>/f</vmm:path><vmm:later a='b'/>
    <o:path xmlns:o='urn:o'>/no</o:path><!-- c -->")"
  run_vmm ls foreign
  assert_output /f/foreign
  assert_stderr_is_empty
}

@test "metadata: two paths mean the default, and one warning" {
  raw_vm two "$(element '<vmm:path>/a</vmm:path><vmm:path>/b</vmm:path>')"
  run_vmm ls two
  assert_output /two
  assert_stderr_is_one_line "warning: the vmm metadata of 'two' is malformed"
}

@test "metadata: no path, or another root element: the default, and one warning" {
  raw_vm nopath "$(element '<vmm:label>kept</vmm:label>')"
  run_vmm ls -o path,labels nopath
  assert_output $'/nopath\tkept'
  assert_stderr_is_one_line "it has no path"
  raw_vm root "<v:other xmlns:v='http://calebstew.art/xmlns/vmm'/>"
  run_vmm ls root
  assert_output /root
  assert_stderr_is_one_line "not ours"
}

@test "metadata: several malformed ones are still one warning" {
  raw_vm bad1 "$(element '')"
  raw_vm bad2 "$(element '')"
  run_vmm ls bad1 bad2
  assert_stderr_is_one_line "'bad1' and of others"
}

@test "metadata: reading changes nothing" {
  raw_vm keep "$(element '<vmm:path>/x/</vmm:path>')"
  local before
  before=$(virsh dumpxml keep)
  vmm ls -lR >/dev/null 2>&1
  vmm info keep >/dev/null
  assert_equal "$(virsh dumpxml keep)" "$before"
}
