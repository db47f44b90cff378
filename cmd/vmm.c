/* vmm: runs the program of a command. */
#include "work/dispatch.h"

int main(int argc, char **argv)
{
	return vmm_dispatch(argc, argv, VMM_EXEC_DIR);
}
