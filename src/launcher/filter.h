/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A seccomp filter under which a process keeps the sockets that it has and gets no others.
 *
 * The VM's profile says the same, but AppArmor 3.0 cannot tell the use of a socket from making one:
 * its compiler turns virtiofsd's "unix" rules into "network unix stream", and a process under the label
 * then connects to libvirtd. virtiofsd's own filter would refuse that too, were every thread under it;
 * QEMU's daemon has one, of QEMU's RCU, that starts before the filter and never gets it.
 */

#include <linux/filter.h>

/*
 * filter_program:
 * Refuses, with EPERM, socket(), connect() and io_uring, which can do both, besides every system call
 * of another architecture's numbering. Everything else is allowed: accept() and what is done on what it
 * returns. Kept across fork and exec, seccomp(2).
 */
extern const struct sock_fprog filter_program;
