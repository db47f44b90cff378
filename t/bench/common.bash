# shellcheck shell=bash
# What the benchmarks share: libvirt's test driver behind a real libvirtd, with
# as many VMs as wanted, and a clock.

top=$(realpath "${BASH_SOURCE[0]%/*}/../..")
if [[ ! ${SANDBOX-} ]]; then
  exec "$top/scripts/sandbox" "$0" "$@"
fi
# shellcheck disable=SC2034 # for whoever reads this in
build=${VMM_BUILDDIR:-$top}/cmd

# milliseconds COMMAND...
milliseconds() {
  local start=${EPOCHREALTIME/[.,]/}
  "$@" >/dev/null
  local end=${EPOCHREALTIME/[.,]/}
  echo $(((end - start) / 10)) # of 10 microseconds
}

median() {
  sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Defines VMs up to COUNT, in 20 folders.
grow() {
  local dir i
  dir=$(mktemp -d)
  for ((i = have + 1; i <= $1; i++)); do
    # printf and not cat: no process a VM
    printf '%s\n' "<domain type='test'><name>g$i</name><metadata>" \
      "<vmm:vmm xmlns:vmm='http://calebstew.art/xmlns/vmm'>" \
      "<vmm:path>/g/$((i % 20))</vmm:path><vmm:label>web</vmm:label></vmm:vmm>" \
      "</metadata><memory>2048</memory><os><type>hvm</type></os></domain>" \
      >"$dir/$i"
    echo "define $dir/$i"
  done | virsh -q >/dev/null
  rm -r "$dir"
  have=$1
}

have=0
export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
# The test driver lives as long as somebody is connected to it.
mkfifo "$SANDBOX/hold"
virsh <>"$SANDBOX/hold" >"$SANDBOX/held" 2>&1 &
printf '%s\n' 'destroy test' 'undefine test' >"$SANDBOX/hold"
until grep -q 'has been undefined' "$SANDBOX/held"; do
  sleep 0.05
done
