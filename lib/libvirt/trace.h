/*
 * trace: every call of libvirt on standard error, for who wonders what takes so
 * long, or what happened at all.
 */
#ifndef VMM_LIBVIRT_TRACE_H
#define VMM_LIBVIRT_TRACE_H

/* Where the environment has VMM_DEBUG=1, and not before, a line a call from
 * here to the end of the program: its time, the function, and what it was
 * given, with hostile bytes escaped. To be called before anything else of
 * libvirt is, and while there are no other threads. */
void vmm_trace_begin(void);
/* After libvirt has read what vmm_trace_begin() told it: what this program
 * starts is to have the environment as it was. */
void vmm_trace_begun(void);
/* Before the program ends of a signal; where it ends by itself, this is done
 * for it: what was called so far is told. */
void vmm_trace_end(void);

#endif
