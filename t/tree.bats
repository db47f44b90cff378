# vmm tree: folders and VMs as a drawing. On the test driver.

load helpers

setup_file() {
  hold_test_driver
  test_vm web10 /lab web
  test_vm web2 /lab
  test_vm db1 /lab/deep/er db
  test_vm solo
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI LC_ALL=C.UTF-8
}

@test "tree: everything, folders before VMs" {
  run_vmm tree
  assert_output "/
├── lab/
│   ├── deep/
│   │   └── er/
│   │       └── db1
│   ├── web2
│   └── web10
└── solo"
}

@test "tree: a folder, a VM and a filter" {
  run_vmm tree /lab/deep
  assert_output "/lab/deep/
└── er/
    └── db1"
  run_vmm tree solo
  assert_output /solo
  run_vmm tree -L web
  assert_output "/
└── lab/
    └── web10"
}

@test "tree: an unknown folder is an error that names it" {
  run_vmm 1 tree /nowhere
  assert_stderr_is_one_line "^vmm-tree: no VM or folder '/nowhere'$"
}

@test "tree --color: a folder is blue, a running VM green" {
  virsh -q start solo
  run_vmm tree --color=always
  virsh -q destroy solo
  assert_match $'\033\\[1;34mlab/\033\\[0m$'
  assert_match $'\033\\[32msolo\033\\[0m$'
}
